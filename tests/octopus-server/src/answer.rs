//! Results of routes: an [`Answer`], or a [`Refusal`] that is sent as Octopus's error document.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// Result of a route.
pub(crate) type Reply = Result<Answer, Refusal>;

/// A successful answer: a status and a JSON document.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) document: Value,
}

impl Answer {
    /// 200 with `document`.
    pub(crate) fn ok(document: Value) -> Self {
        Self {
            status: StatusCode::OK,
            document,
        }
    }

    /// 201 with `document`.
    pub(crate) fn created(document: Value) -> Self {
        Self {
            status: StatusCode::CREATED,
            document,
        }
    }
}

/// An error in Octopus's shape: `ErrorMessage` is the headline, `Errors` the validation messages.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    message: String,
    errors: Vec<String>,
    unknown_route: bool,
}

impl Refusal {
    /// 400 with one validation message.
    pub(crate) fn invalid(error: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: "There was a problem with your request.".to_owned(),
            errors: vec![error.into()],
            unknown_route: false,
        }
    }

    /// 401: no key, or one that the server does not know.
    pub(crate) fn unauthenticated() -> Self {
        Self::with(
            StatusCode::UNAUTHORIZED,
            "You must be logged in to request this resource. Please provide a valid API key or log in again.",
        )
    }

    /// 403: the user lacks a permission.
    pub(crate) fn forbidden(permission: &str) -> Self {
        Self::with(
            StatusCode::FORBIDDEN,
            format!(
                "You do not have permission to perform this action. Please contact your Octopus administrator. Missing permission: {permission}"
            ),
        )
    }

    /// 404 for a resource that does not exist or is not visible.
    pub(crate) fn not_found(subject: &str) -> Self {
        Self::with(
            StatusCode::NOT_FOUND,
            format!("The resource '{subject}' was not found."),
        )
    }

    /// 404 for an unknown route.
    pub(crate) fn unknown_route(path: &str) -> Self {
        Self {
            unknown_route: true,
            ..Self::not_found(path)
        }
    }

    /// Whether the route is unknown.
    pub(crate) fn is_unknown_route(&self) -> bool {
        self.unknown_route
    }

    /// 405: the route exists, but not for this method.
    pub(crate) fn wrong_verb() -> Self {
        Self::with(
            StatusCode::METHOD_NOT_ALLOWED,
            "The requested resource does not support the HTTP method.",
        )
    }

    /// 503 on everything that would change something while the server is in maintenance mode.
    pub(crate) fn maintenance() -> Self {
        Self::with(
            StatusCode::SERVICE_UNAVAILABLE,
            "Octopus Server is in maintenance mode. Changes cannot be made at this time.",
        )
    }

    /// Any status with a headline and no validation messages.
    pub(crate) fn with(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            errors: Vec::new(),
            unknown_route: false,
        }
    }

    /// The error document.
    pub(crate) fn document(&self) -> Value {
        json!({
            "ErrorMessage": self.message,
            "Errors": self.errors,
            "FullException": null,
            "HelpText": null,
            "HelpLink": null,
            "ParsedHelpLinks": [],
            "Details": null,
        })
    }
}

/// A response with a JSON body.
pub(crate) fn json_response(status: StatusCode, document: &Value) -> Response {
    response(
        status,
        "application/json; charset=utf-8",
        document.to_string(),
    )
}

/// A response with any body.
pub(crate) fn response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
