// What is said, as JSON Schema 2020-12. A member that is null counts as absent, and unknown ones are ignored.

extension OpenAPIDocument {
  static let schemas: [(name: String, json: String)] = [
    ("TranslationStatus", #"{"type":"string","enum":["pending","running","completed","error","cancelled"]}"#),
    ("LanguageTag", languageTag),
    ("Simulation", simulation),
    ("NewTranslation", newTranslation),
    ("Translation", translation),
    ("TranslationList", translationList),
    ("StatusUpdate", statusUpdate(of: #""status","timestamp""#)),
    (
      "PublishedUpdate",
      statusUpdate(
        of: #""id","status","timestamp""#,
        and: #""id":{"type":"string","description":"The id of its event, for If-Match and Last-Event-ID."},"#)
    ),
    ("StatusChange", statusChange(of: #""status""#)),
    (
      "BatchChange",
      statusChange(
        of: #""job","status""#,
        and: """
          "job":{"type":"string","description":"The translation's id."},\
          "if_match":{"type":["string","null"],"description":"The id of the status that it is to follow."},
          """)
    ),
    ("BatchAnswer", batchAnswer),
    (
      "SentUpdate",
      statusUpdate(
        of: #""status","timestamp","sent""#,
        and: #""sent":{"type":"number","description":"When it was sent to this client, in seconds since 1970."},"#)
    ),
    ("StatusEvent", event(with: reference(to: "SentUpdate"))),
    (
      "AnyEvent",
      event(
        with: """
          {"anyOf":[\(reference(to: "SentUpdate")),{"type":"object","required":["events"],"properties":\
          {"events":{"type":"integer","description":"How many latest statuses follow this `reset`."}}}]}
          """)
    ),
    ("ServerTime", serverTime),
    ("Problem", problem),
  ]

  private static let languageTag = """
    {"type":"string","description":"A well-formed language tag by BCP 47 (RFC 5646), as `de` or `zh-Hant-TW`: no \
    variant and no singleton twice.",\
    "maxLength":255,"pattern":\(quoted(languageTagPattern)),"examples":["de","zh-Hant"]}
    """

  /// The grammar of RFC 5646, 2.1, and the tags that are registered against it.
  private static let languageTagPattern: String = {
    let language = "([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})"
    let variants = "(-([0-9A-Za-z]{5,8}|[0-9][0-9A-Za-z]{3}))*"
    let extensions = "(-[0-9A-WYZa-wyz](-[0-9A-Za-z]{2,8})+)*"
    let isPrivate = "[Xx](-[0-9A-Za-z]{1,8})+"
    let tag = "\(language)(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?\(variants)\(extensions)(-\(isPrivate))?"
    let old =
      "en-GB-oed|i-(ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|sgn-(BE-FR|BE-NL|CH-DE)"
    return "^(\(tag)|\(isPrivate)|\(old))$"
  }()

  private static let simulation = """
    {"type":"object","description":"Has the server play the translation by itself.","required":["seconds"],\
    "properties":{\
    "seconds":{"type":"number","minimum":0,"maximum":31536000,"description":"How long it takes."},\
    "fail":{"description":"Whether it fails in the end, or with which words.",\
    "anyOf":[{"type":["boolean","null"]},{"type":"string","maxLength":1000}]},\
    "steps":{"type":["integer","null"],"minimum":0,"maximum":10000,"description":"Reports of progress on the way."}}}
    """

  private static let newTranslation = #"""
    {"type":"object","required":["source","target"],"properties":{\#
    "source":\#(reference(to: "LanguageTag")),"target":\#(reference(to: "LanguageTag")),\#
    "title":{"type":["string","null"],"maxLength":200,"pattern":"^[^\\u0000-\\u001f\\u007f-\\u009f]*$",\#
    "description":"For people: without control characters."},\#
    "simulate":{"anyOf":[\#(reference(to: "Simulation")),{"type":"null"}]}},\#
    "examples":[{"source":"de","target":"en","title":"Faust"}]}
    """#

  /// What tells a status, in updates and in translations.
  private static let status = #"""
    "status":\#(reference(to: "TranslationStatus")),\#
    "timestamp":{"type":"number","description":"When the status came about, in seconds since 1970."},\#
    "progress":{"type":"number","minimum":0,"maximum":1,"description":"The part that is done."},\#
    "message":{"type":"string","description":"Words for a person."}
    """#

  private static let translation = #"""
    {"type":"object","required":["id","source","target","created","status_url","status","timestamp"],"properties":{\#
    "id":{"type":"string"},"source":{"type":"string"},"target":{"type":"string"},"title":{"type":"string"},\#
    "created":{"type":"number","description":"In seconds since 1970."},\#
    "status_url":{"type":"string","format":"uri-reference","description":"Where its status is."},\#(status)}}
    """#

  private static let translationList = """
    {"type":"object","required":["translations"],"properties":{\
    "translations":{"type":"array","items":\(reference(to: "Translation"))},\
    "next":{"type":"string","description":"The `cursor` of the next page; absent on the last."}}}
    """

  private static func statusUpdate(of required: String, and more: String = "") -> String {
    """
    {"type":"object","required":[\(required)],"properties":{\(more)\(status),\
    "job":{"type":"string","description":"The translation's id."}}}
    """
  }

  private static func statusChange(of required: String, and more: String = "") -> String {
    """
    {"type":"object","required":[\(required)],"properties":{\(more)\
    "status":{"type":"string","enum":["pending","running","completed","error"],"description":"It is not a worker's to \
    say that a translation is cancelled."},\
    "progress":{"type":["number","null"],"minimum":0,"maximum":1,"description":"Without it, it stays as it is."},\
    "message":{"type":["string","null"],"maxLength":1000}},\
    "examples":[{"status":"running","progress":0.5,"message":"page 2 of 4"}]}
    """
  }

  private static let batchAnswer = """
    {"type":"object","required":["line","code"],"properties":{\
    "line":{"type":"integer","minimum":1,"description":"The line of the request."},\
    "code":{"type":"integer","description":"The status code that the change would have got alone."},\
    "job":{"type":"string"},"id":{"type":"string","description":"The id of its status now."},\
    "problem":\(reference(to: "Problem"))}}
    """

  private static func event(with data: String) -> String {
    """
    {"type":"object","description":"An event of a stream, by its fields \
    (https://html.spec.whatwg.org/multipage/server-sent-events.html).","required":["data"],"properties":{\
    "data":{"type":"string","contentMediaType":"application/json","contentSchema":\(data)},\
    "event":{"type":"string","enum":["message","reset"],"default":"message"},\
    "id":{"type":"string"},"retry":{"type":"integer","description":"In milliseconds."}}}
    """
  }

  private static let serverTime = """
    {"type":"object","required":["received","sent"],"properties":{\
    "received":{"type":"number","description":"When the request came, in seconds since 1970."},\
    "sent":{"type":"number","description":"When the response left."}}}
    """

  private static let problem = """
    {"type":"object","description":"RFC 9457.","required":["title","status","detail"],"properties":{\
    "type":{"type":"string","format":"uri-reference","default":"about:blank"},\
    "title":{"type":"string"},"status":{"type":"integer","minimum":400,"maximum":599},\
    "detail":{"type":"string","description":"What went wrong, and what can be done about it."},\
    "position":{"type":"integer","minimum":0,"description":"The byte of the body where it went wrong."},\
    "field":{"type":"string","description":"The member of the body, or the parameter, that is wrong."},\
    "current":\(reference(to: "PublishedUpdate"))}}
    """
}
