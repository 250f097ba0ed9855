/// The arithmetic of Kubernetes' HPA controller for one metric of type Object and Value, or Pods.
///
/// Source: Kubernetes' documentation, "Horizontal Pod Autoscaling", algorithm details: ceil(pods x current / wanted), nothing
/// within a tenth, the highest recommendation of the window when it goes down, and a number of pods a minute.
public struct AutoscalerModel {
    private let minimum: Int
    private let maximum: Int
    /// How long the highest recommendation counts, in seconds, and how many pods may go in a minute.
    private let window: Int, podsAMinute: Int
    private var recommendations: [(second: Int, count: Int)] = []
    private var removals: [Int] = []

    /// Makes a model that has seen nothing yet; with no window nothing restrains it downwards.
    public init(minimum: Int, maximum: Int, window: Int) {
        self.window = window
        // What D204 fills in, or no restraint at all.
        podsAMinute = window > 0 ? 1 : 8
        self.minimum = minimum
        self.maximum = maximum
    }

    /// What it asks for at this second; without a figure it holds.
    public mutating func desired(second: Int, replicas: Int, readyPods: Int, current: Double?, wanted: Double) -> Int {
        guard let current else { return replicas }
        let ratio = current / wanted
        let wish = abs(ratio - 1) <= 0.1 ? replicas : Int((ratio * Double(readyPods)).rounded(.up))
        recommendations = recommendations.filter { second - $0.second < window } + [(second, wish)]
        let highest = recommendations.map(\.count).max() ?? wish
        var result = min(max(wish < replicas ? min(highest, replicas) : wish, minimum), maximum)
        if result < replicas {
            let lately = removals.count { second - $0 < 60 }
            result = max(result, replicas - max(0, podsAMinute - lately))
            removals += Array(repeating: second, count: replicas - result)
        }
        return result
    }
}
