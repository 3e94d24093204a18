//! An error in JSON, as hosts that can only throw a text receive it.

use super::value::Json;
use isofold::Error;

/// `{"code", "message", "path", "position", "problems": […]}`; `problems` has every problem, the error itself first.
#[must_use]
pub fn error_json(error: &Error) -> Json {
    let problems = Json::Array(error.problems().map(|problem| Json::object(fields(problem))).collect());
    Json::object(fields(error).into_iter().chain([("problems", problems)]))
}

fn fields(error: &Error) -> [(&'static str, Json); 4] {
    [
        ("code", error.code().as_str().into()),
        ("message", error.message().into()),
        ("path", error.path().into()),
        ("position", error.position().map(u64::from).into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use isofold::Code;

    #[test]
    fn every_problem_is_told_with_its_place() {
        let first = Error::new(Code::ExprSyntax, "a name is expected").at(3).within("spec.where");
        let error = Error::from_all(vec![first, Error::new(Code::SpecTime, "no \"ts\"")]).expect("two problems");
        let expected = concat!(
            r#"{"code":"expr.syntax","message":"a name is expected","path":"spec.where","position":3,"problems":["#,
            r#"{"code":"expr.syntax","message":"a name is expected","path":"spec.where","position":3},"#,
            r#"{"code":"spec.time","message":"no \"ts\"","path":"","position":null}]}"#,
        );
        assert_eq!(error_json(&error).to_string(), expected);
    }
}
