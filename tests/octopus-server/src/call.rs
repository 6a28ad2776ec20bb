//! A parsed request for routes: decoded path segments, query and body, all read without regard to
//! case, as the real server does.

use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path as it was sent, still encoded.
    pub(crate) path: String,
    query: Vec<(String, String)>,
    body: Vec<u8>,
    /// Index of the user; set after authentication.
    pub(crate) user: usize,
    /// The `User-Agent` header, for the audit trail.
    pub(crate) user_agent: String,
}

impl Call {
    /// Reads a request. .NET clients send PUT and DELETE as a POST with `X-HTTP-Method-Override`.
    pub(crate) fn new(
        method: &Method,
        path: &str,
        query: &str,
        headers: &HeaderMap,
        body: Vec<u8>,
    ) -> Self {
        let overridden = headers
            .get("x-http-method-override")
            .and_then(|m| m.as_bytes().try_into().ok());
        let query = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let user_agent = headers
            .get("user-agent")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        Self {
            method: overridden.unwrap_or_else(|| method.clone()),
            path: path.to_owned(),
            query,
            body,
            user: 0,
            user_agent: user_agent.to_owned(),
        }
    }

    /// The same request as a `GET`, to find out whether the route exists.
    pub(crate) fn as_get(&self) -> Self {
        Self {
            method: Method::GET,
            ..self.clone()
        }
    }

    /// The path's segments, decoded one by one, so that `refs%2fheads%2fmain` stays one segment.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect()
    }

    /// The first non-empty value of a query parameter.
    pub(crate) fn query<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.query_values(name).find(|value| !value.is_empty())
    }

    /// A list parameter: comma-separated, repeated, or both. `None` if it is missing.
    pub(crate) fn query_list<'a>(&'a self, name: &'a str) -> Option<Vec<&'a str>> {
        let values: Vec<_> = self
            .query_values(name)
            .flat_map(|value| value.split(','))
            .filter(|value| !value.is_empty())
            .collect();
        (!values.is_empty()).then_some(values)
    }

    /// A parameter that is `true` or `false`.
    pub(crate) fn query_flag(&self, name: &str) -> Option<bool> {
        self.query(name)
            .map(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A number that is zero or more, or else `default`.
    pub(crate) fn query_number(&self, name: &str, default: usize) -> usize {
        self.query(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or(default)
    }

    /// Every parameter but the paging ones, encoded, to be repeated in links.
    pub(crate) fn filters(&self) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.query {
            if !["skip", "take", "apikey"]
                .iter()
                .any(|paging| name.eq_ignore_ascii_case(paging))
            {
                text.append_pair(name, value);
            }
        }
        text.finish()
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// 400 without a body, or with one that is not a JSON object.
    pub(crate) fn fields(&self) -> Result<Fields, Refusal> {
        if self.body.is_empty() {
            return Err(Refusal::invalid("No request body was supplied."));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(map)) => Ok(Fields(map)),
            _ => Err(Fields::malformed()),
        }
    }

    fn query_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}

/// A JSON object whose property names are matched without regard to case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// The property, unless it is absent or null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let found = self
            .0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    /// A text; empty counts as absent.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(Self::malformed()),
        }
    }

    /// A flag; absent counts as false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(Self::malformed()),
        }
    }

    /// An object; `None` when absent.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Self(map.clone()))),
            Some(_) => Err(Self::malformed()),
        }
    }

    /// A list of texts; absent counts as empty.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let text = |value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(Self::malformed)
        };
        self.list(name)?.iter().map(text).collect()
    }

    /// A list of objects; absent counts as empty.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        let object = |value: &Value| {
            value
                .as_object()
                .cloned()
                .map(Self)
                .ok_or_else(Self::malformed)
        };
        self.list(name)?.iter().map(object).collect()
    }

    /// The properties of a document; none if it is no object.
    pub(crate) fn of(document: &Value) -> Self {
        Self(document.as_object().cloned().unwrap_or_default())
    }

    /// The properties but for these.
    pub(crate) fn without(&self, names: &[&str]) -> Map<String, Value> {
        let is_other = |key: &String| !names.iter().any(|name| key.eq_ignore_ascii_case(name));
        let others = self.0.iter().filter(|(key, _)| is_other(key));
        others
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// The properties as texts, by their names.
    pub(crate) fn into_texts(self) -> impl Iterator<Item = (String, String)> {
        self.0
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
    }

    /// 400: a property is missing or of the wrong kind.
    pub(crate) fn malformed() -> Refusal {
        Refusal::invalid("Model validation failed.")
    }

    fn list(&self, name: &str) -> Result<&[Value], Refusal> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(_) => Err(Self::malformed()),
        }
    }
}
