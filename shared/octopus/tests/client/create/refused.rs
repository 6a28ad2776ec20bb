//! Refusals and missing answers.

use super::*;

async fn refused(reply: Reply) -> (OctopusError, Script) {
    let script = server("2026.2.8841").await;
    script.on(CREATE, reply);
    let error = input().send(&script.client()).await.unwrap_err();
    (error, script)
}

#[tokio::test]
async fn existing_release_is_recognized_by_text() {
    let text = "Release '1.4.8' already exists for this project. Please use a different version, or look at using a mask to auto-increment the number.";
    let (error, _) = refused(Reply::new(400, json!({"Errors": [text]}).to_string())).await;
    assert_eq!(error.kind, OctopusErrorKind::AlreadyExists);
    assert!(
        error
            .message
            .contains("Web Shop already has a release 1.4.8"),
        "{error}"
    );
}

#[tokio::test]
async fn refusal_contains_project_and_text_of_octopus() {
    let rules = "The requested package versions for the following steps violate the channel version rules: Deploy web.";
    for (status, kind) in [
        (400, OctopusErrorKind::Invalid),
        (401, OctopusErrorKind::Unauthorized),
        (403, OctopusErrorKind::Forbidden),
        (429, OctopusErrorKind::Throttled(None)),
        (503, OctopusErrorKind::Unavailable),
        (500, OctopusErrorKind::Unknown),
        (502, OctopusErrorKind::Unknown),
        (504, OctopusErrorKind::Unknown),
    ] {
        let (error, script) =
            refused(Reply::new(status, json!({"Errors": [rules]}).to_string())).await;
        assert_eq!(error.kind, kind, "{error}");
        let subject = "cannot create a release of project Web Shop in channel Default: ";
        assert!(error.message.contains(subject), "{error}");
        assert!(
            status == 429 || error.message.contains("violate"),
            "{error}"
        );
        let sent = script
            .lines()
            .into_iter()
            .filter(|line| line == CREATE)
            .count();
        assert_eq!(sent, 1, "a create request is sent once");
    }
}

#[tokio::test]
async fn remedy_names_the_permission_that_octopus_misses() {
    let named = "You do not have permission to perform this action. Please contact your Octopus administrator. \
                 Missing permission: VariableView";
    let help = "This action requires permission to view variables. None of your teams have this permission.";
    for (body, permission) in [
        (
            json!({"ErrorMessage": named, "HelpText": help}),
            "VariableView",
        ),
        (
            json!({"ErrorMessage": "Missing permission: "}),
            "ReleaseCreate",
        ),
        (json!({"ErrorMessage": "No."}), "ReleaseCreate"),
    ] {
        let script = server("2026.2.8841").await;
        script.on(CREATE, Reply::new(403, body.to_string()));
        script.on(
            "GET /api/maintenanceconfiguration",
            json!({"IsInMaintenanceMode": false}),
        );
        let error = input().send(&script.client()).await.unwrap_err();
        let remedy = format!("; give the API key's user the permission {permission}");
        assert!(error.message.ends_with(&remedy), "{error}");
    }
}

#[tokio::test]
async fn maintenance_is_distinguished_from_a_missing_permission() {
    const MODE: &str = "GET /api/maintenanceconfiguration";
    for (status, is_on, kind) in [
        (403, true, OctopusErrorKind::Unavailable),
        (503, true, OctopusErrorKind::Unavailable),
        (403, false, OctopusErrorKind::Forbidden),
    ] {
        let script = server("2026.2.8841").await;
        script
            .on(CREATE, Reply::new(status, "{}"))
            .on(MODE, json!({"IsInMaintenanceMode": is_on}));
        let error = input().send(&script.client()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert_eq!(
            error.message.contains("is in maintenance mode"),
            is_on,
            "{error}"
        );
    }
}

#[tokio::test]
async fn success_without_a_release_id_is_unknown() {
    for body in ["", "<html>", "{}", r#"{"ReleaseId": null}"#] {
        let (error, _) = refused(Reply::new(200, body)).await;
        assert_eq!(error.kind, OctopusErrorKind::Unknown, "{error}");
    }
}

#[tokio::test]
async fn write_does_not_follow_redirects() {
    let (error, script) = refused(Reply::new(307, "").header("Location", "/elsewhere")).await;
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert_eq!(script.lines(), ["GET /api", CREATE]);
}

/// A server that answers with its version and then runs `then` for the create request.
async fn raw_server<F: Future<Output = ()> + Send + 'static>(
    then: impl FnOnce(TcpListener) -> F + Send + 'static,
) -> String {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        receive(&mut connection).await;
        let root = r#"{"Version":"2026.1.1"}"#;
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ";
        let answer = format!("{head}{}\r\n\r\n{root}", root.len());
        connection.write_all(answer.as_bytes()).await.unwrap();
        drop(connection);
        then(listener).await;
    });
    url
}

#[tokio::test]
async fn closed_connection_after_sending_is_unknown() {
    let url = raw_server(async |listener| {
        let (mut connection, _) = listener.accept().await.unwrap();
        receive(&mut connection).await;
    })
    .await;
    let error = input().send(&client(&url)).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unknown);
    assert!(error.message.contains("the release may exist"), "{error}");
}

#[tokio::test]
async fn timeout_after_sending_is_unknown() {
    let url = raw_server(async |listener| {
        let (mut connection, _) = listener.accept().await.unwrap();
        // Reads until the client disconnects, without an answer.
        while connection
            .read(&mut [0; 4096])
            .await
            .is_ok_and(|read| read > 0)
        {}
    })
    .await;
    let timeouts = Timeouts {
        create: Duration::from_millis(100),
        ..Timeouts::default()
    };
    let error = input()
        .send(&client(&url).with_timeouts(timeouts))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unknown);
    assert!(
        error.message.contains("did not answer within 0.1 s"),
        "{error}"
    );
}

#[tokio::test]
async fn failed_connection_is_unavailable() {
    let url = raw_server(async |listener| drop(listener)).await;
    let client = client(&url);
    let error = input().send(&client).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable);
    assert!(error.message.contains("no connection to"), "{error}");
}
