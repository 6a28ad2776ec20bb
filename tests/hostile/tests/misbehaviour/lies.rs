//! Faults of lists: omissions, circular links, links to other servers, wrong totals.

use hostile::Answer;
use serde_json::{Value, json};

use crate::behaviour::{Behaviour, changed};

/// Octopus's page, changed.
fn edited(answer: &Answer, edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut page = serde_json::from_slice(&answer.body).unwrap();
    edit(&mut page);
    answer.with_body(page.to_string())
}

/// Each fault with its expected outcomes.
pub(crate) fn table() -> Vec<Behaviour> {
    [links(), pages(), shrinking()]
        .into_iter()
        .flatten()
        .collect()
}

fn links() -> Vec<Behaviour> {
    let link = |name, change| changed(name, change, ["incomplete", "-", "-", "-"]);
    vec![
        link("a link to itself", |answer| {
            let link = format!("Link: <{}>; rel=\"next\"", answer.target);
            answer.with_header(&link)
        }),
        link("an empty link", |answer| {
            answer.with_header("Link: <>; rel=next")
        }),
        link("a link to another host", |answer| {
            answer.with_header("Link: <https://evil.example/v2/?last=a>; rel=next")
        }),
        link("a link to another port", |answer| {
            answer.with_header("Link: <http://127.0.0.1:1/v2/?last=a>; rel=next")
        }),
        link("a link to a file", |answer| {
            answer.with_header("Link: <file:///etc/passwd>; rel=next")
        }),
        link("a link to no URL", |answer| {
            answer.with_header("Link: <http://[>; rel=next")
        }),
        link("a link in no known form", |answer| {
            answer.with_header("Link: {\"next\": \"/v2/?last=a\"}")
        }),
        link("a link without a relation", |answer| {
            answer.with_header("Link: </v2/more>")
        }),
        link("links without end", |answer| {
            let link = format!("Link: <?last={}x>; rel=next", answer.target.len());
            answer.with_header(&link)
        }),
        link("a link behind the end", |answer| {
            answer.with_header("Link: <?last=zzz>; rel=next")
        }),
    ]
}

fn pages() -> Vec<Behaviour> {
    let octopus =
        |name, change, [route, itself]: [_; 2]| changed(name, change, ["-", "-", route, itself]);
    vec![
        octopus(
            "a next page that is this one",
            |answer| {
                edited(&answer, |page| {
                    page["Links"] = json!({ "Page.Next": "?skip=0" });
                })
            },
            ["incomplete", "malformed"],
        ),
        octopus(
            "a next page that skips some",
            |answer| {
                edited(&answer, |page| {
                    page["Links"] = json!({ "Page.Next": "?skip=9000" });
                })
            },
            ["incomplete", "malformed"],
        ),
        octopus(
            "a total above the count",
            |answer| edited(&answer, |page| page["TotalResults"] = json!(77)),
            ["incomplete", "malformed"],
        ),
        octopus(
            "a total below the count",
            |answer| edited(&answer, |page| page["TotalResults"] = json!(1)),
            ["incomplete", "same"],
        ),
        octopus(
            "no items, and a total",
            |answer| edited(&answer, |page| page["Items"] = json!([])),
            ["incomplete", "malformed"],
        ),
        octopus(
            "items of nothing, and a total",
            |answer| edited(&answer, |page| page["Items"] = Value::Null),
            ["incomplete", "malformed"],
        ),
        octopus(
            "a total of words",
            |answer| edited(&answer, |page| page["TotalResults"] = json!("many")),
            ["malformed", "malformed"],
        ),
        octopus(
            "every version twice",
            |answer| {
                edited(&answer, |page| {
                    let items = page["Items"].as_array().unwrap().clone();
                    page["Items"] = json!([items.clone(), items].concat());
                })
            },
            ["incomplete", "-"],
        ),
    ]
}

/// A listing that lost most versions may be right: the shrink guard suspects it, and confirms it on a second reading.
fn shrinking() -> Vec<Behaviour> {
    let suspected = ["suspected", "suspected", "suspected", "-"];
    vec![
        changed(
            "nearly nothing left",
            |answer| {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                match serde_json::from_str::<Value>(&text) {
                Ok(page) if page["Items"].is_array() => edited(&answer, |page| {
                    page["Items"] = json!([page["Items"][0]]);
                    page["TotalResults"] = json!(1);
                }),
                Ok(_) => answer.with_body("{\"name\":\"acme/web\",\"tags\":[\"1.0.0\"]}"),
                Err(_) => answer.with_body(
                    "apiVersion: v1\nentries:\n  acme-web:\n  - version: 1.0.0\n    name: acme-web\n",
                ),
            }
            },
            suspected,
        ),
        changed(
            "nothing left",
            |answer| {
                answer.with_body(
                "{\"name\":\"acme/web\",\"tags\":[],\"apiVersion\":\"v1\",\"entries\":{},\"Items\":[],\"TotalResults\":0}",
            )
            },
            ["suspected", "notFound", "notFound", "-"],
        ),
    ]
}
