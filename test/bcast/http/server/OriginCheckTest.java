package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which pages may post, by the origin and site that a browser sends and the host it asks for. */
final class OriginCheckTest {

    private final OriginCheck check = new OriginCheck(
            Set.of("News.example.", "xn--mnchen-3ya.example", "[2001:DB8::1]"), Optional.empty());

    private void allowed(String origin, String host, String... site) {
        assertEquals(Optional.empty(), refusal(origin, host, site), origin + " to " + host);
    }

    private void refused(String why, String origin, String host, String... site) {
        assertEquals(Optional.of(why), refusal(origin, host, site), origin + " to " + host);
    }

    private void refused(String origin, String host) {
        assertEquals(true, refusal(origin, host).isPresent(), origin + " to " + host);
    }

    private Optional<String> refusal(String origin, String host, String... site) {
        return check.refusal(Optional.ofNullable(origin), host, site.length > 0 ? site[0] : "");
    }

    @Test
    void pagesOfNamedHostsMayPostBehindAnyProxy() {
        allowed("https://news.example", "news.example");
        allowed("https://news.example", "127.0.0.1:8080");
        allowed("https://news.example", "bcast");
        allowed("https://news.example", "");
        allowed("https://news.example:8443", "10.0.0.1:8080");
        allowed("http://NEWS.Example.", "10.0.0.1");
        allowed("https://news.example", "10.0.0.1", "cross-site");
        allowed("https://xn--mnchen-3ya.example", "10.0.0.1");
        allowed("https://[2001:db8:0:0::1]:8443", "10.0.0.1");
    }

    @Test
    void pagesOfTheHostAndPortAskedForMayPostIfNobodyElseCanHaveTheName() throws Exception {
        for (String own : new String[] {"localhost", "127.0.0.1", "203.0.113.5", "[::1]",
            InetAddress.getLocalHost().getHostName()}) {
            allowed("http://" + own + ":8080", own + ":8080", "same-origin");
            allowed("http://" + own, own + ":80");
            allowed("http://" + own, own);
            allowed("http://" + own, own + ":");
            allowed("https://" + own, own + ":443");
            allowed("https://" + own + ":443", own);
            refused("http://" + own, own + ":443");
            refused("https://" + own, own + ":80");
            refused("http://" + own + ":9090", own + ":8080");
            refused("a page of another site", "http://" + own, own, "cross-site");
        }
        allowed("http://LOCALHOST:8080", "LocalHost.:8080");
        allowed("http://[0:0::1]:8080", "[::1]:8080");
        allowed("http://[::ffff:7f00:1]:8080", "[::ffff:7f00:1]:8080", "same-origin");
        allowed("http://[::ffff:7f00:1]", "[::ffff:127.0.0.1]:80");
    }

    @Test
    void programsMayPostThatSendNoOrigin() {
        allowed(null, "anything.example");
        allowed(null, "");
        allowed(null, "localhost", "same-origin");
        allowed(null, "localhost", "none");
        refused("a page of another site", null, "localhost", "cross-site");
    }

    @Test
    void pagesThatRebindTheirNameAreRefused() {
        refused("a page of evil.example:8080; name the host by -host if it is this node's",
                "http://evil.example:8080", "evil.example:8080", "same-origin");
        for (String name : new String[] {"evil.example", "1.2.3.4.evil.example", "1.2.3.999",
            "01.2.3.4", "1.2.3", "localhost.evil.example", "news.example.evil", "[evil]",
            "xnews.example", "sub.news.example"}) {
            refused("http://" + name, name);
        }
    }

    @Test
    void allOtherPagesAreRefused() {
        refused("a page of http://evil.example, not of localhost:8080; name the page's host by"
                + " -host if it is this node's", "http://evil.example", "localhost:8080");
        for (String origin : new String[] {"null", "", "localhost", "news.example",
            "file://localhost", "chrome-extension://news.example", "http://",
            "http://news.example/",
            "http://news.example@evil.example", "http://evil.example#news.example",
            "http://news.example http://evil.example", "http://news.example:x",
            "http://news.example:123456", "http://[2001:db8::1", "//news.example"}) {
            refused(origin, "localhost");
            refused(origin, "");
        }
        String longest = "http://" + "e".repeat(93);
        refused("a page of " + longest + ", not of x; name the page's host by -host if it is"
                + " this node's", longest + "ee", "x");
    }
}
