package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.base.Clock;
import bcast.testing.Await;
import bcast.testing.Chromium;
import bcast.testing.NodeProcess;
import java.net.DatagramSocket;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page in a real browser, and what browsers let pages of other origins do. */
final class PageTest {

    @BeforeAll
    static void browser() {
        assumeTrue(Chromium.program().isPresent(),
                "no Chromium found: the page is not tested (Debian: apt-get install chromium)");
    }

    private static String group() throws Exception {
        try (DatagramSocket free = new DatagramSocket()) {
            return "-group=239.255.77.80:" + free.getLocalPort();
        }
    }

    private static long count(Chromium.Tab tab, String selector) throws Exception {
        return ((Double) tab.eval("document.querySelectorAll('" + selector + "').length"))
                .longValue();
    }

    private static String text(Chromium.Tab tab, String selector) throws Exception {
        return (String) tab.eval("(document.querySelector('" + selector
                + "') || {textContent: ''}).textContent");
    }

    @Test
    void newsPostedOnOneNodesPageIsSeenOnAnothers() throws Exception {
        String group = group();
        // Two people: of two tabs in one window the browser hides one.
        try (Chromium one = new Chromium(); Chromium other = new Chromium();
                NodeProcess a = NodeProcess.start("page", group);
                NodeProcess b = NodeProcess.start("page", group)) {
            a.ready();
            b.ready();
            Chromium.Tab onA = one.open("http://127.0.0.1:" + a.httpPort() + "/");
            Chromium.Tab onB = other.open("http://127.0.0.1:" + b.httpPort() + "/");
            for (Chromium.Tab tab : List.of(onA, onB)) {
                Await.until("it is live and sees the other", 10, () ->
                        text(tab, "#state").equals("live")
                        && count(tab, "#members tr") == 1
                        && count(tab, "#graph g:not(.gone)") == 2);
            }
            onA.eval("document.getElementById('raw').focus()");
            String hostile = "<img src=x onerror=alert(1)> and <script>alert(2)</script>";
            onA.type(hostile);
            long began = System.nanoTime();
            onA.press("Tab");
            onA.press("Enter");
            Await.until("B shows it", 1, () -> text(onB, "#list li .raw").equals(hostile));
            System.out.printf("from the key on A to the text on B: %d ms%n",
                    (System.nanoTime() - began) / 1_000_000);
            assertEquals(0, count(onB, "#list img, #list script"), "only ever text");
            Await.until("A says so", 5, () -> text(onA, "#said").equals("Posted."));
            assertEquals(hostile, text(onA, "#list li .raw"));
            a.signal("KILL");
            began = System.nanoTime();
            Await.until("B's graph is without A", 10, () ->
                    count(onB, "#graph g:not(.gone)") == 1 && count(onB, "#members tr") == 0);
            System.out.printf("kill -9 seen in the graph after %d ms%n",
                    (System.nanoTime() - began) / 1_000_000);
            assertEquals(List.of(), onB.errors);
        }
    }

    @Test
    void aHiddenPageLetsGoOfItsConnectionAndMissesNothing() throws Exception {
        try (Chromium chromium = new Chromium(); TestNode node = TestNode.alone()) {
            Chromium.Tab tab = chromium.open(node.node.url() + "/");
            Await.until("it reads events", 10, () ->
                    node.node.counters().gauges().get("event_readers") == 1);
            hide(tab, true);
            // That it left shows when something is written.
            Await.until("it left", 10, () -> {
                node.client.post("probe", "raw");
                node.client.post("probe" + System.nanoTime(), "raw");
                return node.node.counters().gauges().get("event_readers") == 0;
            });
            node.client.mustPost("meanwhile", "while nobody looked");
            hide(tab, false);
            Await.until("it catches up", 10, () ->
                    text(tab, "#list li .raw").equals("while nobody looked"));
            assertEquals(List.of(), tab.errors);
        }
    }

    private static void hide(Chromium.Tab tab, boolean hidden) throws Exception {
        tab.eval("Object.defineProperty(document, 'hidden', {configurable: true, value: " + hidden
                + "}); document.dispatchEvent(new Event('visibilitychange'))");
    }

    @Test
    void theFormFollowsTheValidatorAndShowsWhatIsWrong() throws Exception {
        try (Chromium chromium = new Chromium();
                TestNode node = TestNode.alone("-validator=sha256")) {
            Chromium.Tab tab = chromium.open(node.node.url() + "/");
            Await.until("it is live", 10, () -> text(tab, "#state").equals("live"));
            tab.eval("document.getElementById('raw').value = 'größer'; "
                    + "document.getElementById('id').value = 'mine'; "
                    + "document.getElementById('form').requestSubmit()");
            Await.until("it is accepted", 5, () -> text(tab, "#said").equals("Posted."));
            assertTrue(node.client.list().contains("größer"));
            tab.eval("document.getElementById('raw').value = 'other'; "
                    + "document.getElementById('id').value = 'mine'; "
                    + "document.getElementById('form').requestSubmit()");
            Await.until("the conflict is said", 5, () ->
                    text(tab, "#said").equals("Different raw data with same id"));
        }
    }

    private static String post(Chromium.Tab tab, String url) throws Exception {
        return (String) tab.eval("fetch('" + url + "', {method: 'POST', mode: 'no-cors', "
                + "body: '{\"id\":\"evil\",\"raw\":\"1\","
                + "\"signature\":\"c4ca4238a0b923820dcc509a6f75849b\"}'})"
                + ".then(answer => answer.type + answer.status)");
    }

    @Test
    void pagesOfOtherOriginsCannotPostNorThoseThatRebindTheirName() throws Exception {
        try (TestNode node = new TestNode(Clock.system(), "-group=off");
                TestNode other = new TestNode(Clock.system(), "-group=off");
                Chromium chromium = new Chromium(
                        "--host-resolver-rules=MAP evil.example 127.0.0.1")) {
            String target = "/postNewData";
            Chromium.Tab foreign = chromium.open(other.node.url() + "/healthz");
            Await.until("loaded", 10, () -> text(foreign, "body").contains("ok"));
            assertEquals("opaque0", post(foreign, node.node.url() + target));
            Chromium.Tab rebound = chromium.open(
                    "http://evil.example:" + node.port() + "/healthz");
            Await.until("loaded", 10, () -> text(rebound, "body").contains("ok"));
            assertEquals("basic403", post(rebound, target));
            assertEquals(0, node.client.count());
            Chromium.Tab own = chromium.open(node.node.url() + "/healthz");
            Await.until("loaded", 10, () -> text(own, "body").contains("ok"));
            assertEquals("basic200", post(own, target));
            assertEquals(1, node.client.count());
            node.client.mustPost("curl", "sends no Origin");
        }
    }
}
