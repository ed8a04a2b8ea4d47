//! A server of one tool, which gives back the answer that it is given, as text and as a document:
//! what the library that Gangline's own server is made with costs by itself.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::io::stdio_pipes;
use rmcp::{ErrorData, ServerHandler, ServiceExt as _};

struct Echo;

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let mut said = request.arguments.unwrap_or_default();
        let text = said.remove("text").unwrap_or_default();
        let text = text.as_str().unwrap_or_default().to_owned();
        let mut answer = CallToolResult::success(vec![ContentBlock::text(text)]);
        answer.structured_content = said.remove("document");
        Ok(answer.into())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Echo.serve(stdio_pipes()).await?.waiting().await?;
    Ok(())
}
