//! Routes that describe themselves: the OpenAPI document is read off the signatures of the
//! handlers, so that it cannot say anything else than what they take and give.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::handler::Handler;
use axum::http::HeaderMap;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use gangline_api::event::EventView;
use gangline_api::problem::{PROBLEM_MEDIA_TYPE, Problem};
use gangline_api::stream::{Begin, End, JobOf, LineOf, WsAsk, WsTold};
use gangline_api::version::{BASE, IDEMPOTENCY_HEADER, PERSON_HEADER, PROGRAM_VERSION};
use gangline_domain::token::Role;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::socket::Upgraded;
use super::streams::{SSE_MEDIA_TYPE, Sse};
use crate::etag::Written;
use crate::extract::{Asked, Body, Caller, InProject, OfTicket};
use crate::identity::{Needed, required};
use crate::problem::Failure;

/// What the names in paths mean.
const NAMES: [(&str, &str); 11] = [
    ("agent", "The main agent's id."),
    ("project", "The project's name."),
    ("key", "The ticket's key, such as `APP-12`."),
    ("kind", "An agent kind, such as `claude`."),
    ("name", "The webhook's name."),
    ("node", "The node's name; the built-in one is `local`."),
    ("schedule", "The schedule's name, such as `nightly`."),
    ("lesson", "The lesson's id, such as `L3`."),
    ("id", "The session's id."),
    ("token", "The token's id."),
    ("worker", "The worker's id, such as `worker-3`."),
];

/// What people call a route: an id that clients are generated from, who may use it, and what it
/// does, in one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Op {
    pub(super) id: &'static str,
    pub(super) role: Role,
    pub(super) summary: &'static str,
    /// Whether it changes nothing but what is the caller's own.
    pub(super) of_oneself: bool,
}

/// Routes, and what is to be said about them.
pub(super) struct Api<S> {
    router: Router<S>,
    book: Book,
}

/// The descriptions of all routes.
pub(super) struct Book {
    paths: BTreeMap<String, Map<String, Value>>,
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.meta_schema = None;
                settings.definitions_path = "/components/schemas".into();
            })
        };
        let book = Book {
            paths: BTreeMap::new(),
            taken: settings().for_deserialize().into_generator(),
            given: settings().for_serialize().into_generator(),
        };
        Self { router: Router::new(), book }
    }

    pub(super) fn get<H, T: 'static, D>(self, path: &str, op: Op, handler: H) -> Self
    where
        H: Handler<T, S> + Described<D>,
    {
        self.route("get", path, op, handler, |route| route)
    }

    pub(super) fn post<H, T: 'static, D>(self, path: &str, op: Op, handler: H) -> Self
    where
        H: Handler<T, S> + Described<D>,
    {
        self.route("post", path, op, handler, |route| route)
    }

    pub(super) fn patch<H, T: 'static, D>(self, path: &str, op: Op, handler: H) -> Self
    where
        H: Handler<T, S> + Described<D>,
    {
        self.route("patch", path, op, handler, |route| route)
    }

    pub(super) fn delete<H, T: 'static, D>(self, path: &str, op: Op, handler: H) -> Self
    where
        H: Handler<T, S> + Described<D>,
    {
        self.route("delete", path, op, handler, |route| route)
    }

    /// A route of its own kind, such as one with another bound on its body.
    pub(super) fn route<H, T: 'static, D>(
        mut self,
        method: &str,
        path: &str,
        op: Op,
        handler: H,
        dress: impl FnOnce(MethodRouter<S>) -> MethodRouter<S>,
    ) -> Self
    where
        H: Handler<T, S> + Described<D>,
    {
        let filter = match method {
            "get" => MethodFilter::GET,
            "post" => MethodFilter::POST,
            "patch" => MethodFilter::PATCH,
            "delete" => MethodFilter::DELETE,
            other => panic!("BUG: {other} is no method of a route"),
        };
        self.book.add::<H, D>(method, path, op);
        let route: MethodRouter<S> = dress(on(filter, handler));
        let needed = Needed { role: op.role, of_oneself: op.of_oneself };
        let route = route.layer(axum::middleware::from_fn_with_state(needed, required));
        self.router = self.router.route(path, route);
        self
    }

    /// The routes, and the document that describes them.
    pub(super) fn parts(self) -> (Router<S>, Value) {
        (self.router, self.book.document())
    }
}

impl Book {
    fn add<H: Described<D>, D>(&mut self, method: &str, path: &str, op: Op) {
        let mut told = Told { book: self, parameters: in_path(path), body: None };
        H::takes(&mut told);
        let (parameters, body) = (told.parameters, told.body);
        let (status, answer) = H::gives(&mut self.given);
        let problem = self.given.subschema_for::<Problem>();
        let mut operation = json!({
            "operationId": op.id,
            "summary": op.summary,
            "x-gangline-role": op.role.to_string(),
            "responses": {
                status: answer,
                "default": {
                    "description": "Not done: the code says why.",
                    "content": { PROBLEM_MEDIA_TYPE: { "schema": problem } },
                },
            },
        });
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if let Some(body) = body {
            operation["requestBody"] = json!({
                "required": true,
                "content": { "application/json": { "schema": body } },
            });
        }
        let methods = self.paths.entry(format!("{BASE}{path}")).or_default();
        methods.insert(method.to_owned(), operation);
    }

    fn document(mut self) -> Value {
        let mut schemas = self.given.take_definitions(true);
        for (name, taken) in self.taken.take_definitions(true) {
            if let Some(given) = schemas.get(&name) {
                assert_eq!(*given, taken, "BUG: {name} is taken otherwise than it is given");
            }
            schemas.insert(name, taken);
        }
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Gangline",
                "version": PROGRAM_VERSION,
                "description": "Tickets in, verified and merged changes out.",
                "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
            },
            "servers": [{ "url": "/" }],
            "security": [{ "token": [] }],
            "paths": self.paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "token": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "An API token. Over the unix socket none is needed.",
                    },
                },
            },
        })
    }
}

/// What one handler takes, as far as it has been told.
pub(crate) struct Told<'b> {
    book: &'b mut Book,
    parameters: Vec<Value>,
    body: Option<Schema>,
}

fn in_path(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let meaning = NAMES.iter().find(|(known, _)| *known == name);
        let (_, meaning) = meaning.unwrap_or_else(|| panic!("BUG: what is {name} in {path}?"));
        json!({
            "name": name, "in": "path", "required": true, "description": meaning,
            "schema": { "type": "string" },
        })
    };
    names.map(parameter).collect()
}

fn in_header(name: &str, what: &str) -> Value {
    json!({
        "name": name, "in": "header", "required": false, "description": what,
        "schema": { "type": "string" },
    })
}

/// One thing that a handler takes.
pub(crate) trait Taken {
    fn tell(_told: &mut Told<'_>) {}
}

impl Taken for HeaderMap {
    fn tell(told: &mut Told<'_>) {
        let what = "Where a reader that resumes is: the id of the last message it has read.";
        told.parameters.push(in_header("Last-Event-ID", what));
    }
}

impl<E> Taken for Result<WebSocketUpgrade, E> {}
impl<S> Taken for State<S> {}
impl<T> Taken for Path<T> {}
impl<T> Taken for Extension<T> {}
impl Taken for InProject {}
impl Taken for OfTicket {}

impl Taken for Caller {
    fn tell(told: &mut Told<'_>) {
        let once = "A repeat with the same key is answered, not done again.";
        told.parameters.push(in_header(IDEMPOTENCY_HEADER, once));
        let person = "Who asks, over the unix socket; otherwise the token says it.";
        told.parameters.push(in_header(PERSON_HEADER, person));
    }
}

impl<T: JsonSchema> Taken for Body<T> {
    fn tell(told: &mut Told<'_>) {
        told.body = Some(told.book.taken.subschema_for::<T>());
    }
}

impl<T: JsonSchema> Taken for Asked<T> {
    fn tell(told: &mut Told<'_>) {
        let schema = told.book.taken.root_schema_for::<T>();
        let mut schema = Value::from(schema);
        let properties = schema["properties"].take();
        let required = schema["required"].take();
        let Value::Object(properties) = properties else { return };
        for (name, mut schema) in properties {
            // A parameter is absent, and never null.
            if let Some(Value::Array(types)) = schema.get_mut("type") {
                types.retain(|of| of != "null");
                if let [only] = types.as_slice() {
                    schema["type"] = only.clone();
                }
            }
            if schema.get("default").is_some_and(Value::is_null) {
                schema.as_object_mut().map(|schema| schema.remove("default"));
            }
            let description = schema.as_object_mut().and_then(|of| of.remove("description"));
            let needed = required.as_array().is_some_and(|all| all.contains(&json!(name)));
            told.parameters.push(json!({
                "name": name, "in": "query", "required": needed,
                "description": description.unwrap_or_default(), "schema": schema,
            }));
        }
    }
}

/// What a handler answers.
pub(crate) trait Given {
    /// The status, and what comes with it.
    fn answer(given: &mut SchemaGenerator) -> (&'static str, Value);
}

impl<T: JsonSchema> Given for Json<T> {
    fn answer(given: &mut SchemaGenerator) -> (&'static str, Value) {
        let schema = given.subschema_for::<T>();
        let content = json!({ "application/json": { "schema": schema } });
        ("200", json!({ "description": "Done.", "content": content }))
    }
}

impl<T: JsonSchema> Given for Written<T> {
    fn answer(given: &mut SchemaGenerator) -> (&'static str, Value) {
        Json::<T>::answer(given)
    }
}

impl<T: Given> Given for Result<T, Failure> {
    fn answer(given: &mut SchemaGenerator) -> (&'static str, Value) {
        T::answer(given)
    }
}

impl Given for Sse {
    fn answer(given: &mut SchemaGenerator) -> (&'static str, Value) {
        let messages = json!({
            "begin": given.subschema_for::<Begin>(),
            "event": given.subschema_for::<EventView>(),
            "job": given.subschema_for::<JobOf>(),
            "line": given.subschema_for::<LineOf>(),
            "end": given.subschema_for::<End>(),
        });
        let schema = json!({ "type": "string", "x-gangline-messages": messages });
        let content = json!({ SSE_MEDIA_TYPE: { "schema": schema } });
        ("200", json!({ "description": "Messages, one after the other.", "content": content }))
    }
}

impl Given for Upgraded {
    fn answer(given: &mut SchemaGenerator) -> (&'static str, Value) {
        let messages = json!({
            "asked": given.subschema_for::<WsAsk>(), "told": given.subschema_for::<WsTold>(),
        });
        let description = "Goes on as a WebSocket.";
        ("101", json!({ "description": description, "x-gangline-messages": messages }))
    }
}

/// A handler whose signature says what it takes and gives. `D` tells the arities apart.
pub(crate) trait Described<D> {
    fn takes(told: &mut Told<'_>);
    fn gives(given: &mut SchemaGenerator) -> (&'static str, Value);
}

macro_rules! described {
    ($($taken:ident),*) => {
        impl<F, W, R, $($taken),*> Described<($($taken,)*)> for F
        where
            F: Fn($($taken),*) -> W,
            W: Future<Output = R>,
            R: Given,
            $($taken: Taken,)*
        {
            fn takes(told: &mut Told<'_>) {
                $($taken::tell(told);)*
            }

            fn gives(given: &mut SchemaGenerator) -> (&'static str, Value) {
                R::answer(given)
            }
        }
    };
}

described!(A);
described!(A, B);
described!(A, B, C);
described!(A, B, C, E);
described!(A, B, C, E, G);
