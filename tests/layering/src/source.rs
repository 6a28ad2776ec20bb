//! The declarations and paths of a source file, read from its tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path as it is written, with the name that it has here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The segments, as in `["super", "error", "FeedError"]`; a glob ends with `*`.
    pub segments: Vec<String>,
    /// The name after `as`, or the last segment; only for `use`.
    pub alias: Option<String>,
    /// Whether a `pub use` contains it.
    pub is_public: bool,
}

/// A type that a file declares at any depth outside of its unit tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// The name.
    pub name: String,
    /// Whether it is `pub` without restriction.
    pub is_public: bool,
}

/// The declarations and paths of a file, without its unit tests.
#[derive(Debug, Default)]
pub struct Source {
    /// The modules declared with `mod name;`.
    pub modules: Vec<String>,
    /// The structs, enums, unions, traits and aliases outside of `impl` and `trait` blocks.
    pub types: Vec<TypeName>,
    /// The names of all functions, types, constants, statics and modules.
    pub items: Vec<String>,
    /// The paths of all `use` declarations.
    pub uses: Vec<Path>,
    /// The other paths that begin with `crate`, `super` or `self`.
    pub inline: Vec<Path>,
}

impl Source {
    /// Reads Rust source text; a text that is no Rust has nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut tokens = Vec::new();
        flatten(text.parse().unwrap_or_default(), &mut tokens);
        Self {
            modules: modules(&tokens),
            types: types(&tokens),
            items: items(&tokens),
            uses: uses(&tokens),
            inline: inline(&tokens),
        }
    }
}

fn modules(tokens: &[Token]) -> Vec<String> {
    let declared = tokens.windows(3).filter_map(|window| match window {
        [Token::Word(keyword), Token::Word(name), Token::Mark(';')] if keyword == "mod" => {
            Some(name.clone())
        }
        _ => None,
    });
    declared.collect()
}

fn types(tokens: &[Token]) -> Vec<TypeName> {
    let mut names = Vec::new();
    // The depth at which an `impl` or `trait` began, while inside of it.
    let mut block = None;
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth = depth.saturating_sub(1);
                block = block.filter(|outside| depth > *outside);
            }
            Token::Mark(';') if block == Some(depth) => block = None,
            Token::Word(word) if block.is_none() => {
                if is_type_keyword(word)
                    && let Some(Token::Word(name)) = tokens.get(at + 1)
                {
                    names.push(TypeName {
                        name: name.clone(),
                        is_public: at > 0 && tokens[at - 1].is_word("pub"),
                    });
                }
                if word == "trait" || (word == "impl" && begins_item(tokens, at)) {
                    block = Some(depth);
                }
            }
            _ => {}
        }
    }
    names
}

fn is_type_keyword(word: &str) -> bool {
    ["struct", "enum", "union", "trait", "type"].contains(&word)
}

/// `impl` that begins a block, in contrast to `-> impl Trait` and its like.
fn begins_item(tokens: &[Token], at: usize) -> bool {
    match at.checked_sub(1).map(|before| &tokens[before]) {
        None | Some(Token::Mark(';' | '}' | '{')) => true,
        Some(Token::Word(word)) => word == "unsafe",
        Some(Token::Mark(_)) => false,
    }
}

fn items(tokens: &[Token]) -> Vec<String> {
    let declared = tokens.windows(2).filter_map(|pair| match pair {
        [Token::Word(keyword), Token::Word(name)]
            if is_type_keyword(keyword)
                || ["fn", "const", "static", "mod"].contains(&keyword.as_str()) =>
        {
            Some(name.clone())
        }
        _ => None,
    });
    declared.collect()
}

fn uses(tokens: &[Token]) -> Vec<Path> {
    let mut paths = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        // `use<'a>` in a type is a bound.
        if token.is_word("use") && !matches!(tokens.get(at + 1), Some(Token::Mark('<'))) {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let is_public = match before {
                Some(Token::Word(word)) => word == "pub",
                Some(Token::Mark(mark)) => *mark == ')',
                None => false,
            };
            tree(tokens, at + 1, &mut Vec::new(), is_public, &mut paths);
        }
    }
    paths
}

fn inline(tokens: &[Token]) -> Vec<Path> {
    let mut paths = Vec::new();
    let mut in_use = false;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            Token::Word(word) if word == "use" => in_use = true,
            Token::Mark(';') => in_use = false,
            // `pub(in crate::x)` is no import.
            Token::Word(word)
                if !in_use
                    && ["crate", "super", "self"].contains(&word.as_str())
                    && is_separator(tokens, at + 1)
                    && !(at > 0 && tokens[at - 1].is_word("in")) =>
            {
                let mut segments = vec![word.clone()];
                while is_separator(tokens, at + 1)
                    && let Some(Token::Word(next)) = tokens.get(at + 3)
                {
                    segments.push(next.clone());
                    at += 3;
                }
                paths.push(Path {
                    segments,
                    alias: None,
                    is_public: false,
                });
            }
            _ => {}
        }
        at += 1;
    }
    paths
}

/// Reads the use tree at `at` and returns the position after it.
fn tree(
    tokens: &[Token],
    mut at: usize,
    prefix: &mut Vec<String>,
    is_public: bool,
    paths: &mut Vec<Path>,
) -> usize {
    let length = prefix.len();
    loop {
        match tokens.get(at) {
            Some(Token::Word(word)) => {
                prefix.push(word.clone());
                at += 1;
            }
            Some(Token::Mark('*')) => {
                prefix.push("*".to_owned());
                at += 1;
            }
            Some(Token::Mark('{')) => {
                at += 1;
                while !matches!(tokens.get(at), None | Some(Token::Mark('}'))) {
                    at = tree(tokens, at, prefix, is_public, paths);
                    if matches!(tokens.get(at), Some(Token::Mark(','))) {
                        at += 1;
                    }
                }
                prefix.truncate(length);
                return at + 1;
            }
            _ => {}
        }
        if is_separator(tokens, at) {
            at += 2;
            continue;
        }
        let mut alias = prefix.last().cloned();
        if tokens.get(at).is_some_and(|token| token.is_word("as")) {
            alias = match tokens.get(at + 1) {
                Some(Token::Word(name)) => Some(name.clone()),
                _ => None,
            };
            at += 2;
        }
        let mut segments = prefix.clone();
        // `a::{self}` names `a`.
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
            if alias.as_deref() == Some("self") {
                alias = segments.last().cloned();
            }
        }
        paths.push(Path {
            segments,
            alias,
            is_public,
        });
        prefix.truncate(length);
        return at;
    }
}

fn is_separator(tokens: &[Token], at: usize) -> bool {
    matches!(
        tokens.get(at..at + 2),
        Some([Token::Mark(':'), Token::Mark(':')])
    )
}

#[derive(Debug)]
enum Token {
    Word(String),
    Mark(char),
}

impl Token {
    fn is_word(&self, text: &str) -> bool {
        matches!(self, Self::Word(word) if word == text)
    }
}

/// Appends the words and marks of a file, without comments, attributes and items for unit tests.
fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        match &trees[at] {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if let Some(TokenTree::Group(attribute)) = trees.get(at + 1) {
                    at += 1;
                    if is_test(attribute) {
                        at = item_end(&trees, at);
                    }
                }
            }
            TokenTree::Punct(mark) => tokens.push(Token::Mark(mark.as_char())),
            TokenTree::Ident(word) => {
                let word = word.to_string();
                tokens.push(Token::Word(word.trim_start_matches("r#").to_owned()));
            }
            TokenTree::Literal(_) => tokens.push(Token::Mark('"')),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ('{', '}'),
                    Delimiter::Parenthesis => ('(', ')'),
                    Delimiter::Bracket => ('[', ']'),
                    Delimiter::None => (' ', ' '),
                };
                tokens.push(Token::Mark(open));
                flatten(group.stream(), tokens);
                tokens.push(Token::Mark(close));
            }
        }
        at += 1;
    }
}

fn is_test(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    text.starts_with("cfg(test)") || text.starts_with("cfg(all(test")
}

/// The last token of the item after the attribute at `at`: its `;` or its block.
fn item_end(trees: &[TokenTree], at: usize) -> usize {
    let end = trees[at..].iter().position(|tree| match tree {
        TokenTree::Punct(mark) => mark.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    });
    end.map_or(trees.len(), |end| at + end)
}
