package bcast.http.operations;

import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.function.Function;

/** A file of the jar, next to this class; read at the first request, which spares the start. */
public final class JarResource implements Handler {

    private record Read(byte[] content, Map<String, String> headers) {}

    private final String name;
    private final String type;
    private final Function<byte[], Map<String, String>> headers;
    private volatile Read read;

    private JarResource(String name, String type, Function<byte[], Map<String, String>> headers) {
        this.name = name;
        this.type = type;
        this.headers = headers;
    }

    /** {@code GET /openapi.json}: the description of this API. */
    public static JarResource openApi() {
        return new JarResource("openapi.json", Call.JSON, content -> Map.of());
    }

    /** {@code GET /}: one page for people, which needs nothing but this node. */
    public static JarResource page() {
        return new JarResource("page.html", "text/html; charset=utf-8", content -> Map.of(
                "Content-Security-Policy", policy(new String(content, StandardCharsets.UTF_8)),
                "X-Content-Type-Options", "nosniff",
                "Referrer-Policy", "no-referrer",
                "Cache-Control", "no-cache"));
    }

    /** Nothing runs but the page's own script and style (W3C CSP Level 3). */
    private static String policy(String html) {
        return "default-src 'none'; script-src '" + hash(html, "script") + "'; style-src '"
                + hash(html, "style") + "'; connect-src 'self'; img-src data:; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'";
    }

    private static String hash(String html, String tag) {
        int from = html.indexOf("<" + tag + ">") + tag.length() + 2;
        String content = html.substring(from, html.indexOf("</" + tag + ">", from));
        try {
            return "sha256-" + Base64.getEncoder().encodeToString(MessageDigest
                    .getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        if (read == null) {
            byte[] content = content();
            read = new Read(content, headers.apply(content));
        }
        read.headers.forEach(call::setHeader);
        call.answerLarge(type, read.content);
    }

    private byte[] content() {
        try (InputStream in = JarResource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + name + " in the jar", e);
        }
    }
}
