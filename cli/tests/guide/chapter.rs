//! The commands of a document, with the output that it shows.
//!
//! In a block of `console`, lines that begin with `$ ` are commands and the others their output; in a
//! block of `sh` every line is a command. A command continues after a backslash, and until the end of a
//! here-document. `# ends with 4` or `# exits with 4` states an
//! exit code other than 0. A command that only the test runs, such
//! as a push that the reader does elsewhere, is a comment: `<!-- $ docker push ... -->`.

/// One command of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The command line.
    pub(crate) command: String,
    /// The output, with snapbox's `[..]` and `...`; `None` if the document shows none.
    pub(crate) prints: Option<String>,
    /// The exit code.
    pub(crate) ends_with: i32,
}

/// The commands of a document, in order.
pub(crate) fn steps(document: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim_start();
        if let Some(hidden) = line.strip_prefix("<!-- $ ") {
            steps.push(Step::new(hidden.trim_end_matches("-->").trim(), None));
        }
        if line != "```console" && line != "```sh" {
            continue;
        }
        let block = lines.by_ref().map(|line| line.get(indent..).unwrap_or(""));
        let mut block = block.take_while(|line| *line != "```");
        if line == "```console" {
            console(&mut block, &mut steps);
        } else {
            while let Some(first) = block.next() {
                let command = whole(first, &mut block);
                if !command.trim().is_empty() && !command.starts_with('#') {
                    steps.push(Step::new(&command, None));
                }
            }
        }
    }
    steps
}

fn console<'a>(block: &mut impl Iterator<Item = &'a str>, steps: &mut Vec<Step>) {
    while let Some(line) = block.next() {
        if let Some(first) = line.strip_prefix("$ ") {
            let command = whole(first, block);
            steps.push(Step::new(&command, Some(String::new())));
        } else if let Some(prints) = steps.last_mut().and_then(|step| step.prints.as_mut()) {
            prints.push_str(line);
            prints.push('\n');
        }
    }
}

/// The command with its continuation lines.
fn whole<'a>(first: &str, block: &mut impl Iterator<Item = &'a str>) -> String {
    let mut command = first.to_owned();
    let end = first
        .split_once("<<'")
        .and_then(|(_, rest)| rest.split_once('\''));
    let end = end.map(|(end, _)| end.to_owned());
    let continues = |command: &str| match &end {
        Some(end) => !command.lines().any(|line| line == end),
        None => command.ends_with('\\'),
    };
    while continues(&command) {
        let Some(line) = block.next() else { break };
        command.push('\n');
        command.push_str(line);
    }
    command
}

impl Step {
    /// A command, and its output if the document shows it.
    pub(crate) fn new(command: &str, prints: Option<String>) -> Self {
        let code = command.rsplit_once("ends with ");
        let code = code.or_else(|| command.rsplit_once("exits with "));
        let code = code.map(|(_, rest)| {
            let digits = rest.split(|other: char| !other.is_ascii_digit()).next();
            digits.unwrap_or_default().parse().unwrap_or_default()
        });
        Self {
            command: command.to_owned(),
            prints,
            ends_with: code.unwrap_or_default(),
        }
    }
}

#[test]
fn steps_finds_commands_and_their_output() {
    let document = "
1. List:

   ```console
   $ one \\
       more
   printed
   $ two    # ends with 3
   ```

<!-- $ hidden -->
```sh
cat > a <<'END'
text
END
# a remark
three
```
";
    let found: Vec<_> = steps(document)
        .into_iter()
        .map(|step| (step.command, step.prints, step.ends_with))
        .collect();
    let output = |text: &str| Some(text.to_owned());
    let expected = [
        ("one \\\n    more", output("printed\n"), 0),
        ("two    # ends with 3", output(""), 3),
        ("hidden", None, 0),
        ("cat > a <<'END'\ntext\nEND", None, 0),
        ("three", None, 0),
    ];
    let expected = expected.map(|(command, prints, code)| (command.to_owned(), prints, code));
    assert_eq!(found, expected);
}
