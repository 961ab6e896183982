package bcast.http.operations;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** {@code GET /}: one page for people, which needs nothing but this node. */
public final class HtmlPage extends JarResource {

    /** The page in the jar. */
    public HtmlPage() {
        super("page.html", "text/html; charset=utf-8");
    }

    @Override
    Map<String, String> headers(byte[] content) {
        return Map.of(
                "Content-Security-Policy", policy(new String(content, StandardCharsets.UTF_8)),
                "X-Content-Type-Options", "nosniff",
                "Referrer-Policy", "no-referrer",
                "Cache-Control", "no-cache");
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
}
