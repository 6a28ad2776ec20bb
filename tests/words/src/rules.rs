//! The listed words, each with its standard term.

/// Where a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Prose, identifiers and file names.
    Everywhere,
    /// Comments, string literals and documents.
    Prose,
    /// Identifiers and file names.
    Identifiers,
}

/// Words with one standard term.
#[derive(Debug)]
pub struct Rule {
    /// Phrases. Words are separated by a space, alternatives of a word by `|`. An alternative that begins
    /// with an upper-case letter matches only so: in prose at the beginning of a sentence that is not a question, in
    /// code as a whole identifier.
    pub phrases: &'static [&'static str],
    /// Where it applies.
    pub scope: Scope,
    /// Words that make it right when they come directly before.
    pub unless_after: &'static [&'static str],
    /// Words that make it right when they come directly after.
    pub unless_before: &'static [&'static str],
    /// Words that make it right when they are among the four before or after.
    pub unless_near: &'static [&'static str],
    /// What to write.
    pub instead: &'static str,
}

impl Rule {
    /// The first phrase, which names the rule.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.phrases.first().copied().unwrap_or_default()
    }

    const fn unless_after(mut self, words: &'static [&'static str]) -> Self {
        self.unless_after = words;
        self
    }

    const fn unless_before(mut self, words: &'static [&'static str]) -> Self {
        self.unless_before = words;
        self
    }

    const fn unless_near(mut self, words: &'static [&'static str]) -> Self {
        self.unless_near = words;
        self
    }
}

const fn rule(scope: Scope, phrases: &'static [&'static str], instead: &'static str) -> Rule {
    Rule {
        phrases,
        scope,
        unless_after: &[],
        unless_before: &[],
        unless_near: &[],
        instead,
    }
}

const fn all(phrases: &'static [&'static str], instead: &'static str) -> Rule {
    rule(Scope::Everywhere, phrases, instead)
}

const fn prose(phrases: &'static [&'static str], instead: &'static str) -> Rule {
    rule(Scope::Prose, phrases, instead)
}

const fn identifiers(phrases: &'static [&'static str], instead: &'static str) -> Rule {
    rule(Scope::Identifiers, phrases, instead)
}

/// All rules. The first that matches at a word wins.
pub const RULES: &[Rule] = &[
    // Terms of distributed systems and of AWS.
    all(
        &["debt|debts|owe|owes|owed|owing"],
        "pending event, outbox, publish, clear",
    ),
    all(&["pay|pays|paid|paying"], "publish (a pending event)")
        .unless_before(&["for", "less", "per"]),
    all(
        &["strike|strikes|struck|striking off|out"],
        "clear (a pending event)",
    ),
    all(&["lane|lanes"], "channel lock"),
    all(&["pile|piles"], "dead-letter queue"),
    all(&["letter|letters"], "message")
        .unless_after(&["dead"])
        .unless_near(&["case", "dash", "dashes", "digit", "digits", "hyphens", "lower", "upper"]),
    all(&["deed|deeds"], "message, action"),
    all(
        &[
            "hand|hands|handed|handing back",
            "hand|hands|handed|handing it|them back",
        ],
        "redrive, return",
    ),
    all(
        &[
            "throw|throws|threw|thrown|throwing away",
            "throw|throws|threw|thrown|throwing it|them away",
        ],
        "delete",
    ),
    all(&["undone"], "failed action"),
    all(&["silence|silences"], "Octopus error"),
    all(&["gate|gates|gated"], "circuit breaker"),
    all(&["seat|seats"], "permit"),
    prose(
        &[
            "a|its|their|the|his|whose|next|each|every|own turn|turns",
            "in turn",
        ],
        "permit, order",
    ),
    identifiers(&["turn|turns"], "permit"),
    all(&["pace|paces|paced"], "rate limiter"),
    all(&["museum|museums"], "ChartMuseum").unless_after(&["chart"]),
    all(&["sieve|sieves|sieved"], "prefilter"),
    all(&["fate|fates"], "prefilter"),
    prose(&["name of a|the list", "list s name"], "fingerprint"),
    all(
        &["doubt|doubts|doubted|doubtful|doubting"],
        "suspected (shrink guard)",
    ),
    all(
        &["believe|believes|believed|believing|disbelieved|unbelieved"],
        "confirmed (shrink guard)",
    ),
    all(&["hand|hands"], "actions")
        .unless_after(&["by", "left", "other", "right"])
        .unless_before(&["made", "written"]),
    all(&["young"], "too recent"),
    all(&["ripe"], "eligible"),
    all(&["standing"], "eligibility").unless_after(&["long"]),
    all(&["wants|wanted"], "package details; needs, requires"),
    identifiers(&["Needs"], "package details"),
    identifiers(&["Well"], "ok"),
    identifiers(&["Wrong"], "error"),
    prose(&["what is wrong"], "the problems"),
    all(&["switched|switches|switch off"], "disabled"),
    all(&["although off"], "include-disabled"),
    all(&["round|rounds"], "scheduler run")
        .unless_before(&["robin", "trip", "trips"])
        .unless_after(&["all", "way"]),
    all(&["tick|ticks|ticked"], "scheduler run").unless_after(&["missed"]),
    all(&["stand in|ins"], "fake server"),
    all(&["story|stories"], "demo"),
    all(&["mishap|mishaps"], "failure scenarios"),
    all(&["live|lives|lived|living through"], "runs"),
    all(&["anew"], "again"),
    all(&["besides"], "also"),
    all(&["thereof"], "its"),
    all(&["such a one", "such ones"], "one"),
    all(
        &["by itself|themselves|himself|herself|oneself"],
        "on its own, automatically",
    ),
    // Actors.
    all(
        &[
            "somebody|nobody|whoever|anybody|everybody|someone|anyone|everyone|whomever",
            "no one",
        ],
        "user, operator, subscriber, caller, another invocation",
    ),
    prose(
        &["one can|may|must|should|could|asks|wants|sees|reads|knows|has"],
        "user, operator, caller",
    )
    .unless_after(&[
        "the", "each", "every", "this", "that", "a", "any", "only", "no", "which", "other", "at",
        "last", "first", "newest", "newer", "another", "real", "refreshed", "least", "than", "by", "second", "old", "new",
    ]),
    // Figurative verbs.
    all(
        &["tell|tells|told|telling|untold"],
        "report, log, print, return, state",
    ),
    all(
        &["say|says|said|saying"],
        "report, log, print, return, state, contain",
    ),
    all(
        &["stand|stands|stood"],
        "is, exists, is listed, is stored, depends on",
    )
    .unless_before(&["alone"]),
    all(
        &["hold|holds|held|holding"],
        "contain, store, keep, check, enforce",
    )
    .unless_near(&[
        "lock", "locks", "lease", "leases", "permit", "permits", "mutex", "lockfile", "locked",
    ]),
    prose(&["gives|gave|giving"], "return, provide").unless_before(&["up"]),
    all(
        &[
            "give|gives|gave|given|giving back|free|out|way",
            "give|gives|gave|given it|them back|free",
        ],
        "return, release",
    ),
    all(
        &[
            "take|takes|taken|took|taking away|back|out|in|apart",
            "take|takes|took|taking it|them|its|their away|back|out|in|apart",
        ],
        "remove, undo, accept",
    ),
    prose(
        &["takes|took no|what|its|notice|part|effect"],
        "has no, accepts",
    ),
    prose(
        &["come|comes|came|coming to|out|in|into|late|back|of|on|down|through|again|together|about|of"],
        "arrive, return, result in, appear",
    )
    .unless_near(&["where", "there"]),
    prose(&["goes|went"], "is sent, is written, continues").unless_before(&["wrong"]),
    prose(
        &["go|going|gone by|on|into|along|out|through|with|beyond|round"],
        "use, continue, is written",
    ),
    prose(
        &[
            "lie|lies|lay|lain|lying in|at|on|there|elsewhere|back|between|behind|before|beside|outside|below|within",
            "it|they lie|lies|lay",
        ],
        "is stored, is in",
    ),
    prose(
        &["leave|leaves|left|leaving alone", "let|lets alone"],
        "unchanged, not requested",
    ),
    prose(&["is|are|was|were|be made of|up"], "consists of"),
    prose(&["of which|whom"], "whose, and their"),
    prose(&["is|are|was|were|if not there"], "missing, unknown"),
    prose(&["what is|was|are there"], "the existing ..., the current ..."),
    prose(&["hear|hears|heard"], "receive, observe"),
    prose(&["bear|bears|bore"], "allow, support"),
    // Sentences.
    prose(&["What"], "begin the sentence with its subject"),
    prose(&["Of"], "begin the sentence with its subject"),
    prose(&["So it is", "So is|are|it"], "begin the sentence with its subject"),
];
