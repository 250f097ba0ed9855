/// The fewest paths that take in all that the leaving workers hold and nothing that only survivors hold.
///
/// A folder is used where no survivor holds anything below it, and only as deep as its files lie; else the files are taken one
/// by one. A file that a leaving worker and a survivor both hold is taken: `fs free` can't tell them apart.
public enum DrainCover {
    /// Computes the cover.
    ///
    /// - Parameters:
    ///   - leaving: the files of the leaving workers; a file may occur several times.
    ///   - survivors: the paths that survivors hold, or nil if that is not known in full: then there are no folders.
    ///   - refused: folders that the client refused to free, for something below them that nobody holds.
    /// - Returns: calls in the order of their paths' bytes, none twice, none inside another. Names that must not be passed on
    ///   are left out, and never make the cover wider.
    public static func calls(leaving: [HeldFile], survivors: [AlluxioPath]?, refused: Set<AlluxioPath>) -> [CacheCall] {
        let singles = Set(leaving.map(\.path)).filter(\.isPassable).sorted()
        guard let survivors else { return singles.map { .free($0, isFolder: false) } }
        var closed: Set<AlluxioPath> = []
        for path in survivors {
            // What one worker lists as a file may be another's folder by now.
            close(path, in: &closed)
        }
        for path in refused {
            close(path, in: &closed)
        }
        return group(singles, closed: closed)
    }

    private static func close(_ path: AlluxioPath?, in closed: inout Set<AlluxioPath>) {
        var folder = path
        while let current = folder, closed.insert(current).inserted {
            folder = current.parent
        }
    }

    private static func group(_ singles: [AlluxioPath], closed: Set<AlluxioPath>) -> [CacheCall] {
        var groups: [AlluxioPath: [AlluxioPath]] = [:]
        var calls: [CacheCall] = []
        for path in singles {
            if let top = highestOpenFolder(above: path, closed: closed) {
                groups[top, default: []].append(path)
            } else {
                calls.append(.free(path, isFolder: false))
            }
        }
        for files in groups.values {
            calls.append(
                files.count == 1
                    ? .free(files[0], isFolder: false) : .free(commonFolder(of: files), isFolder: true))
        }
        return calls.sorted { ($0.path ?? .root) < ($1.path ?? .root) }
    }

    /// Every folder below an open one is open too, so the highest one takes in the most.
    private static func highestOpenFolder(above path: AlluxioPath, closed: Set<AlluxioPath>) -> AlluxioPath? {
        var highest: AlluxioPath?
        var folder = path.parent
        while let current = folder, !closed.contains(current) {
            highest = current
            folder = current.parent
        }
        return highest
    }

    /// The deepest folder that all files lie in; the files are sorted, so the first and the last decide.
    private static func commonFolder(of files: [AlluxioPath]) -> AlluxioPath {
        var folder = files.first?.parent ?? .root
        while !files.allSatisfy({ $0.isInside(folder) }), let parent = folder.parent {
            folder = parent
        }
        return folder
    }
}
