/// What is to be translated, as a client asks for it.
///
///     let translation = try await service.submit(NewTranslation(source: "de", target: "en", title: "Faust"))
public struct NewTranslation: Sendable, Hashable {
  /// The language to translate from, as a BCP 47 tag: `de`, `zh-Hant-TW`.
  public var source: String
  /// The language to translate into, as a BCP 47 tag.
  public var target: String
  /// For people: up to 200 characters, without control characters.
  public var title: String?
  /// If set, the server plays the translation by itself; else it waits for a worker.
  public var simulation: Simulation?

  /// A translation that only looks like one.
  public struct Simulation: Sendable, Hashable {
    /// How long it takes.
    public var seconds: Double
    /// If set, it fails in the end with these words.
    public var failure: String?
    /// Reports of progress on the way.
    public var steps: Int

    /// Values that a server would refuse (422) are not refused here.
    public init(seconds: Double, failure: String? = nil, steps: Int = 0) {
      self.seconds = seconds
      self.failure = failure
      self.steps = steps
    }
  }

  /// Values that a server would refuse (422) are not refused here.
  public init(source: String, target: String, title: String? = nil, simulation: Simulation? = nil) {
    self.source = source
    self.target = target
    self.title = title
    self.simulation = simulation
  }

  /// `{"source":"de","target":"en"}`, then `title` and `simulate` if there are any.
  package var json: String {
    JSONWriter.object { object in
      object.member("source", source)
      object.member("target", target)
      object.member("title", title)
      object.member("simulate", json: simulation?.json)
    }
  }

  package init(json: [UInt8]) throws(BodyError) {
    try self.init(BodyMembers(json: json))
  }

  /// Nil if it is not one.
  package init?(_ value: JSONValue) {
    // What was taken once, when more steps were, is kept.
    guard let members = value.object,
      let new = try? NewTranslation(BodyMembers(JSONMembers(members)), mostSteps: 1_000_000)
    else { return nil }
    self = new
  }

  private init(_ body: BodyMembers, mostSteps: Int = 10_000) throws(BodyError) {
    let tag = "a language tag by BCP 47, like \"de\" or \"zh-Hant\""
    source = try body.required("source", tag) { $0.string.flatMap(LanguageTag.init)?.description }
    target = try body.required("target", tag) { $0.string.flatMap(LanguageTag.init)?.description }
    title = try body.optional("title", "a string of up to 200 characters, none of them a control character") {
      $0.line(upTo: 200)
    }
    simulation = try body.object("simulate").map { simulated throws(BodyError) in
      try Simulation(simulated, mostSteps: mostSteps)
    }
  }
}

extension NewTranslation.Simulation {
  private static let year = 31_536_000.0

  fileprivate var json: String {
    JSONWriter.object { object in
      object.member("seconds", seconds)
      object.member("fail", failure)
      if steps > 0 { object.member("steps", steps) }
    }
  }

  fileprivate init(_ body: BodyMembers, mostSteps: Int) throws(BodyError) {
    seconds = try body.required("seconds", "a number from 0 to 31536000") { $0.number(in: 0...Self.year) }
    failure =
      try body.optional("fail", "true, false or a string of up to 1000 characters") { value -> String?? in
        switch value {
        case .bool(let fails): .some(fails ? "The translation failed." : nil)
        default: value.string(upTo: 1000).map { .some($0) }
        }
      } ?? nil
    steps =
      try body.optional("steps", "a whole number from 0 to \(mostSteps)") { value in
        value.number(in: 0...Double(mostSteps)).flatMap { Int(exactly: $0) }
      } ?? 0
  }
}
