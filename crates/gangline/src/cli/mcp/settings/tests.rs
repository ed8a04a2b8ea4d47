use super::super::app::App;
use super::*;

fn new(app: App, text: &str) -> String {
    let form = app.form("gangline");
    let Ok(Merged::New(new)) = merged(text, &form) else { panic!("{:?}", merged(text, &form)) };
    assert_eq!(merged(&new, &form), Ok(Merged::There), "{new}");
    let elsewhere = app.form("/opt/gangline");
    assert!(matches!(merged(&new, &elsewhere), Ok(Merged::Other(_))), "{new}");
    new
}

#[test]
fn each_program_has_its_own_form() {
    let begun = |app| new(app, "");
    insta::assert_snapshot!(begun(App::Claude), @r#"
    {
      "mcpServers": {
        "gangline": {
          "args": [
            "mcp"
          ],
          "command": "gangline",
          "type": "stdio"
        }
      }
    }
    "#);
    insta::assert_snapshot!(begun(App::Codex), @r#"
    [mcp_servers.gangline]
    args = ["mcp"]
    command = "gangline"
    "#);
    insta::assert_snapshot!(begun(App::Cursor), @r#"
    {
      "mcpServers": {
        "gangline": {
          "args": [
            "mcp",
            "--directory",
            "${workspaceFolder}"
          ],
          "command": "gangline"
        }
      }
    }
    "#);
    insta::assert_snapshot!(begun(App::Vscode), @r#"
    {
      "servers": {
        "gangline": {
          "args": [
            "mcp",
            "--directory",
            "${workspaceFolder}"
          ],
          "command": "gangline",
          "type": "stdio"
        }
      }
    }
    "#);
    insta::assert_snapshot!(begun(App::Zed), @r#"
    {
      "context_servers": {
        "gangline": {
          "args": [
            "mcp"
          ],
          "command": "gangline"
        }
      }
    }
    "#);
}

#[test]
fn what_is_there_stays_as_it_is_to_the_byte() {
    let claude =
        "{\n\t\"mcpServers\": {\n\t\t\"other\": { \"command\": \"x\" }\n\t},\n\t\"z\":1.50\n}";
    insta::assert_snapshot!(new(App::Claude, claude), @r#"
    {
    	"mcpServers": {
    		"other": { "command": "x" },
    		"gangline": {
    			"args": [
    				"mcp"
    			],
    			"command": "gangline",
    			"type": "stdio"
    		}
    	},
    	"z":1.50
    }
    "#);
    let zed = "// Zed settings\n{\n  \"theme\": \"One\", // mine\n  /* none yet */\n}\n";
    insta::assert_snapshot!(new(App::Zed, zed), @r#"
    // Zed settings
    {
      "theme": "One", // mine
      /* none yet */
      "context_servers": {
        "gangline": {
          "args": [
            "mcp"
          ],
          "command": "gangline"
        }
      }
    }
    "#);
    insta::assert_snapshot!(new(App::Vscode, "// servers\n"), @r#"
    // servers
    {
      "servers": {
        "gangline": {
          "args": [
            "mcp",
            "--directory",
            "${workspaceFolder}"
          ],
          "command": "gangline",
          "type": "stdio"
        }
      }
    }
    "#);
    let codex = "model = \"x\" # mine\n\n[mcp_servers.other]\ncommand = \"y\"\n";
    insta::assert_snapshot!(new(App::Codex, codex), @r#"
    model = "x" # mine

    [mcp_servers.other]
    command = "y"

    [mcp_servers.gangline]
    args = ["mcp"]
    command = "gangline"
    "#);
}

#[test]
fn a_broken_file_is_refused_with_line_and_column() {
    let cases = [
        (App::Claude, "{\n  // no comments here\n}"),
        (App::Cursor, "{\n  \"mcpServers\": []\n}"),
        (App::Vscode, "{\n  \"servers\": {\n}"),
        (App::Zed, "[]"),
        (App::Codex, "model = \n"),
        (App::Codex, "x = 1\nmcp_servers = { other = { command = \"y\" } }\n"),
    ];
    let told = cases.map(|(app, text)| {
        let Malformed { line, column, message } = merged(text, &app.form("gangline")).unwrap_err();
        format!("{app:?} {line}:{column}: {}", message.lines().next().unwrap_or_default())
    });
    insta::assert_snapshot!(told.join("\n"), @r"
    Claude 2:3: key must be a string
    Cursor 2:17: `mcpServers` is not an object
    Vscode 3:1: EOF while parsing an object
    Zed 1:1: it is not an object
    Codex 1:9: string values must be quoted, expected literal string
    Codex 2:1: `mcp_servers` cannot be added to: write it as tables, [mcp_servers.NAME]
    ");
}
