/// The command line's entry.
@main
struct Sluice {
    static func main() {
    }
}
