internal import CLinux
internal import Wire
