package bcast;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** What {@code -help} prints: the flags, or a page on one topic, which the jar carries as text. */
final class Help {

    /** Each topic and what its page explains. */
    static final Map<String, String> TOPICS = new TreeMap<>(Map.of(
            "api", "every HTTP request, response and error",
            "disk", "persistence and acknowledgements: -datadir, -fsync, -ack=peer",
            "https", "tokens, HTTPS, CORS",
            "limits", "heap and memory, requests, connections, timeouts",
            "network", "discovery, -peers, containers",
            "protocol", "how records spread, how gaps are repaired, what clocks must do",
            "proxy", "reverse proxies (nginx), -trustproxy, connection floods",
            "secret", "the cluster's secret, and how to change it while the nodes run",
            "validators", "what makes a signature valid: MD5, SHA-256, Ed25519, your class"));

    private Help() {}

    /** Returns the page on a topic, or the flags if it is empty. */
    static String text(String topic) throws UsageException {
        if (topic.isEmpty()) {
            StringBuilder text = new StringBuilder(Flags.helpText())
                    .append("\n-help TOPIC explains more:\n\n");
            TOPICS.forEach((name, explains) -> text.append(Flags.row(name, explains)));
            return text.toString();
        }
        if (!TOPICS.containsKey(topic)) {
            throw new UsageException("no help on \"" + topic + "\"; topics: "
                    + String.join(", ", TOPICS.keySet()));
        }
        try (InputStream page = Help.class.getResourceAsStream("help/" + topic + ".md")) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is damaged", e);
        }
    }
}
