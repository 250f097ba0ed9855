import alluxio.AlluxioURI;
import alluxio.client.file.FileInStream;
import alluxio.client.file.FileSystem;
import alluxio.client.file.URIStatus;
import alluxio.grpc.ListStatusPOptions;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads all files of a cache again and again, at an even pace, by Alluxio's own client, until standard input ends:
 * {@code Reader READS-A-SECOND THREADS}, the master by Alluxio's properties. Prints a line for each read that has ended: when it was due (in
 * milliseconds since 1970), how long it took from then (in milliseconds), and the bytes or what went wrong.
 */
final class Reader {
  public static void main(String[] arguments) throws Exception {
    FileSystem fileSystem = FileSystem.Factory.create();
    List<URIStatus> files = new ArrayList<>();
    for (URIStatus status : fileSystem.listStatus(new AlluxioURI("/"), recursive())) {
      if (!status.isFolder()) files.add(status);
    }
    long gap = 1_000_000_000L / Integer.parseInt(arguments[0]), began = System.nanoTime();
    long offset = System.currentTimeMillis() * 1_000_000L - began;
    AtomicLong next = new AtomicLong();
    for (int thread = Integer.parseInt(arguments[1]); thread > 0; thread--) {
      Thread reader = new Thread(() -> {
        byte[] buffer = new byte[1 << 20];
        while (true) {
          long number = next.getAndIncrement(), due = began + number * gap;
          sleepUntil(due);
          URIStatus file = nth(files, number);
          String result;
          try {
            result = Long.toString(read(fileSystem, file, buffer));
          } catch (Exception | Error error) {
            result = error.getClass().getSimpleName() + ": " + String.valueOf(error.getMessage()).split("\n")[0];
          }
          say((due + offset) / 1_000_000 + " " + (System.nanoTime() - due) / 1_000_000 + " " + result);
        }
      });
      reader.setDaemon(true);
      reader.start();
    }
    while (System.in.read() >= 0) { }
    System.exit(0);
  }

  private static ListStatusPOptions recursive() {
    return ListStatusPOptions.newBuilder().setRecursive(true).build();
  }

  /** Each pass takes the files in another order. */
  private static URIStatus nth(List<URIStatus> files, long number) {
    List<URIStatus> order = new ArrayList<>(files);
    Collections.shuffle(order, new Random(number / files.size()));
    return order.get((int) (number % files.size()));
  }

  private static long read(FileSystem fileSystem, URIStatus file, byte[] buffer) throws Exception {
    long bytes = 0;
    try (FileInStream stream = fileSystem.openFile(new AlluxioURI(file.getPath()))) {
      for (int count; (count = stream.read(buffer)) >= 0; ) bytes += count;
    }
    if (bytes != file.getLength()) throw new IOException(bytes + " of " + file.getLength() + " bytes");
    return bytes;
  }

  private static void sleepUntil(long nanoTime) {
    for (long left; (left = nanoTime - System.nanoTime()) > 0; ) {
      try {
        Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
      } catch (InterruptedException interrupted) {
        return;
      }
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
  }
}
