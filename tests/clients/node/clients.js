// One real client for each word: `node clients.js sentry|pino-loki|otlp`, with URL, HOST and KEY in the environment.
const { URL: url, HOST: host, KEY: key } = process.env;

async function sentry() {
  const Sentry = await import("@sentry/node");
  Sentry.init({ dsn: `http://${key}@${host}/1`, release: "node-shop@1.0", tracesSampleRate: 1, environment: "production" });
  Sentry.setTag("service", "node-shop");
  Sentry.setTag("session_id", "node-session");
  Sentry.setUser({ id: "u-7", email: "bob@example.com" });
  Sentry.addBreadcrumb({ category: "ui.click", message: "clicked pay in node" });
  Sentry.startSpan({ op: "http.server", name: "GET /node" }, () => {
    Sentry.captureException(new TypeError("cart of bob@example.com is undefined"));
  });
  Sentry.logger.warn("a log entry of node");
  if (!(await Sentry.flush(20000))) throw new Error("not flushed");
}

async function pinoLoki() {
  const { default: pino } = await import("pino");
  const options = { host: url, basicAuth: { username: "any", password: key }, labels: { app: "pino-shop" }, batching: false, silenceErrors: false };
  const transport = pino.transport({ target: "pino-loki", options });
  const logger = pino(transport);
  logger.error({ session_id: "pino-session" }, "from pino-loki");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  transport.end();
}

async function otlp() {
  const { LoggerProvider, BatchLogRecordProcessor } = await import("@opentelemetry/sdk-logs");
  const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-http");
  const { BasicTracerProvider, BatchSpanProcessor } = await import("@opentelemetry/sdk-trace-base");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const { resourceFromAttributes } = await import("@opentelemetry/resources");
  const { trace, context } = await import("@opentelemetry/api");
  const resource = resourceFromAttributes({ "service.name": "otlp-json-shop" });
  const headers = { Authorization: `Bearer ${key}` };
  const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/otlp/v1/traces`, headers }))] });
  const loggers = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}/otlp/v1/logs`, headers }) })] });
  const span = tracers.getTracer("shop").startSpan("GET /json");
  loggers.getLogger("shop").emit({ severityNumber: 17, body: "from OTLP as JSON", context: trace.setSpan(context.active(), span), attributes: { "session.id": "json-session", count: 2 ** 40 } });
  span.end();
  await loggers.forceFlush();
  await tracers.forceFlush();
}

await { sentry, "pino-loki": pinoLoki, otlp }[process.argv[2]]();
process.exit(0);
