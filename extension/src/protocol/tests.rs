use super::*;

#[test]
fn requests_are_read_or_refused() {
    let snapshot = r#"{"scope":"selection","text":"A.","title":"T","url":"u","language":"en"}"#;
    let here = format!(r#""text":{{"from":"here","snapshot":{snapshot}}}"#);
    let tab = r#""text":{"from":"tab","tabId":7,"scope":"page"}"#;
    let taken = [
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"summarize",{here}}}"#),
        format!(
            r#"{{"v":2,"id":1,"kind":"work","job":"a","after":3,"task":"summarize","sentences":3,"whole":true,{here}}}"#
        ),
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"summarize","priority":"automatic",{tab}}}"#),
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"ask","question":"Why?",{tab}}}"#),
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"ask","question":"And?","previous":"Why?",{tab}}}"#),
        r#"{"v":2,"id":1,"kind":"work","job":"a","task":"label","set":"own","text":{"from":"known","digest":"d"}}"#
            .to_owned(),
        r#"{"v":2,"id":1,"kind":"cancel","job":"a"}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"jobs","tabId":7}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"hello","nonce":"n"}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"state"}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"teach","label":"work","job":"a"}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"setOwnLabels","labels":[],"known":["work"]}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"setPreferences","preferences":{"fullMenu":true}}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"history","most":3}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"forgetResult","result":7}"#.to_owned(),
    ];
    for json in &taken {
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let (id, request) = read_request(&value).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(id, 1, "{json}");
        // No field of a request has the name of one of the envelope's.
        let sent = serde_json::to_value(Asked {
            v: VERSION,
            id,
            request: &request,
        })
        .unwrap();
        assert_eq!(read_request(&sent), Ok((id, request)), "{json}");
    }
    let refused = [
        "null".to_owned(),
        "[]".to_owned(),
        r#"{"id":1,"kind":"state"}"#.to_owned(),
        r#"{"v":2,"kind":"state"}"#.to_owned(),
        r#"{"v":1,"id":1,"kind":"state"}"#.to_owned(),
        r#"{"v":3,"id":1,"kind":"state"}"#.to_owned(),
        r#"{"v":"2","id":1,"kind":"state"}"#.to_owned(),
        r#"{"v":2,"id":-1,"kind":"state"}"#.to_owned(),
        r#"{"v":2,"id":1}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"eraseEverything"}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"work","job":"a","task":"summarize"}"#.to_owned(),
        format!(r#"{{"v":2,"id":1,"kind":"work","task":"summarize",{tab}}}"#),
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"translate",{tab}}}"#),
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"ask",{tab}}}"#),
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"label","set":"colours",{tab}}}"#),
        format!(r#"{{"v":2,"id":1,"kind":"work","job":"a","task":"summarize","sentences":-1,{tab}}}"#),
        r#"{"v":2,"id":1,"kind":"work","job":"a","task":"summarize","text":{"from":"tab","tabId":"7","scope":"page"}}"#
            .to_owned(),
        r#"{"v":2,"id":1,"kind":"work","job":"a","task":"summarize","text":{"from":"elsewhere"}}"#.to_owned(),
        r#"{"v":2,"id":1,"kind":"cancel"}"#.to_owned(),
    ];
    for json in &refused {
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert!(read_request(&value).is_err(), "taken: {json}");
    }
}

#[test]
fn events_carry_what_they_belong_to() {
    let told = Told {
        v: VERSION,
        id: 4,
        seq: 2,
        last: false,
        event: Event::Progress {
            stage: Stage::Embedding,
            done: 1,
            total: 2,
            left_ms: Some(4000.0),
        },
    };
    assert_eq!(
        serde_json::to_value(&told).unwrap(),
        serde_json::json!({
            "v": 2, "id": 4, "seq": 2, "last": false,
            "kind": "progress", "stage": "embedding", "done": 1, "total": 2, "leftMs": 4000.0
        })
    );
}

#[test]
fn a_content_script_is_told_in_the_names_that_it_reads() {
    let open = Versioned::new(TabRequest::Open(Opening {
        nonce: "n".into(),
        tab_id: 7,
        job: "j".into(),
        preferences: Preferences::default(),
        scope: Scope::Selection,
        task: CardTask::Ask,
        question: None,
        fallback_text: Some("x".into()),
    }));
    assert_eq!(
        serde_json::to_value(&open).unwrap(),
        serde_json::json!({
            "v": 2, "kind": "open", "nonce": "n", "tabId": 7, "job": "j", "scope": "selection", "task": "ask", "fallbackText": "x",
            "preferences": { "language": "", "fullMenu": false, "theme": "system", "textSize": "normal", "gpu": "auto" }
        })
    );
}
