package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.base.Clock;
import bcast.eventbus.Source;
import bcast.testing.Await;
import bcast.testing.Chromium;
import bcast.testing.Measured;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, and what browsers let pages of other origins do. */
final class PageTest {

    /** Whether nothing reaches over the right edge of the window. */
    private static final String NOTHING_BESIDE = "document.documentElement.scrollWidth"
            + " === document.documentElement.clientWidth";

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
            Await.until("A shows it", 5, () -> text(onA, "#list li .raw").equals(hostile));
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
            Chromium.Tab tab = chromium.open(node.url() + "/");
            Await.until("it reads events", 10, () ->
                    Measured.of(node.counters(), "bcast_event_readers") == 1);
            hide(tab, true);
            // That it left shows when something is written.
            Await.until("it left", 10, () -> {
                node.client.post("probe", "raw");
                node.client.post("probe" + System.nanoTime(), "raw");
                return Measured.of(node.counters(), "bcast_event_readers") == 0;
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
            Chromium.Tab tab = chromium.open(node.url() + "/");
            Await.until("it is live", 10, () -> text(tab, "#state").equals("live"));
            Await.until("another node is started with the same", 5, () ->
                    text(tab, "#step").endsWith(" -validator=sha256 "));
            submit(tab, "größer", "mine");
            Await.until("it is accepted", 5, () -> text(tab, "#said").equals("Posted."));
            assertTrue(node.client.list().contains("größer"));
            submit(tab, "größer", "mine");
            Await.until("a repeated post is no failure", 5, () ->
                    text(tab, "#said").equals("This news was posted before."));
            assertEquals(0, count(tab, "#said.bad"));
            submit(tab, "other", "mine");
            Await.until("the conflict is said", 5, () ->
                    text(tab, "#said").equals("Different raw data with same id"));
        }
    }

    private static void submit(Chromium.Tab tab, String raw, String id) throws Exception {
        tab.eval("document.getElementById('raw').value = '" + raw + "'; "
                + "document.getElementById('id').value = '" + id + "'; "
                + "document.getElementById('form').requestSubmit()");
    }

    @Test
    void aNodeThatIsNotReadyShowsWhy() throws Exception {
        try (Chromium chromium = new Chromium();
                TestNode node = TestNode.alone("-maxbytes=16MiB")) {
            Chromium.Tab tab = live(chromium, node, 1280, 900);
            assertEquals(false, shown(tab, "#why"));
            for (int i = 0; node.node.core().problems().isEmpty(); i++) {
                node.node.core().deliver(News.data("id" + i, "x".repeat(100_000), 0),
                        Source.CLIENT);
            }
            Await.until("the reason is shown", 10, () ->
                    text(tab, "#why").equals("the store is full"));
            assertEquals("not ready", text(tab, "#state"));
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
            Chromium.Tab foreign = chromium.open(other.url() + "/healthz");
            Await.until("loaded", 10, () -> text(foreign, "body").contains("ok"));
            assertEquals("opaque0", post(foreign, node.url() + target));
            Chromium.Tab rebound = chromium.open(
                    "http://evil.example:" + node.port() + "/healthz");
            Await.until("loaded", 10, () -> text(rebound, "body").contains("ok"));
            assertEquals("basic403", post(rebound, target));
            assertEquals(0, node.client.count());
            Chromium.Tab own = chromium.open(node.url() + "/healthz");
            Await.until("loaded", 10, () -> text(own, "body").contains("ok"));
            assertEquals("basic200", post(own, target));
            assertEquals(1, node.client.count());
            node.client.mustPost("curl", "sends no Origin");
        }
    }

    private static void fill(TestNode node, String id, int records) throws Exception {
        for (int i = 0; i < records; i++) {
            node.node.core().deliver(News.data(id + i, "news " + i, 0), Source.CLIENT);
        }
    }

    /** A tab of a size that shows live news. */
    private static Chromium.Tab live(Chromium chromium, TestNode node, int width, int height)
            throws Exception {
        Chromium.Tab tab = chromium.open("about:blank");
        tab.size(width, height);
        tab.call("Page.navigate", "\"url\":\"" + node.url() + "/\"");
        Await.until("it is live", 10, () -> text(tab, "#state").equals("live"));
        return tab;
    }

    private static void click(Chromium.Tab tab, String selector) throws Exception {
        tab.eval("document.querySelector('" + selector + "').click()");
    }

    private static boolean shown(Chromium.Tab tab, String selector) throws Exception {
        return (Boolean) tab.eval("document.querySelector('" + selector
                + "').getClientRects().length > 0");
    }

    @Test
    void moreShowsTheLatest500AndTheRestIsCounted() throws Exception {
        try (Chromium chromium = new Chromium(); TestNode node = TestNode.alone()) {
            fill(node, "a", 130);
            Chromium.Tab tab = live(chromium, node, 1280, 900);
            Await.until("100 are shown", 5, () -> count(tab, "#list li") == 100);
            assertEquals("· 130", text(tab, "#count"));
            assertEquals("Showing the latest 100 of 130.", text(tab, "#shown"));
            assertEquals("Show 30 more", text(tab, "#more"));
            click(tab, "#more");
            assertEquals(130, count(tab, "#list li"));
            assertEquals(false, shown(tab, "#foot"), "nothing is left");
            fill(node, "b", 381);
            Await.until("all are counted", 5, () -> text(tab, "#count").equals("· 511"));
            for (int shown : new int[] {300, 400, 500}) {
                assertEquals("Show 100 more", text(tab, "#more"));
                click(tab, "#more");
                assertEquals(shown, count(tab, "#list li"));
            }
            assertEquals("Showing the latest 500 of 511. Look up older news by ID.",
                    text(tab, "#shown"));
            assertEquals(false, shown(tab, "#more"), "no more is loaded");
            tab.eval("document.getElementById('search').value = 'b'; "
                    + "document.getElementById('search').dispatchEvent(new Event('input'))");
            assertEquals("Showing 100 of 381 matches in the latest 500.", text(tab, "#shown"));
            lookUp(tab, "a3");
            Await.until("older news is found", 5, () ->
                    text(tab, "#found li .raw").equals("news 3"));
            assertEquals("a3", text(tab, "#found li code"));
            assertEquals(List.of(), tab.errors);
            lookUp(tab, "a130");
            Await.until("there is no such news", 5, () ->
                    text(tab, "#found").equals("No news has the ID a130."));
        }
    }

    private static void lookUp(Chromium.Tab tab, String id) throws Exception {
        tab.eval("document.getElementById('search').value = '" + id + "'; "
                + "document.getElementById('search').dispatchEvent("
                + "new KeyboardEvent('keydown', {key: 'Enter'}))");
    }

    @Test
    void onAPhoneThePageAloneScrollsAndLongIdsTakeALine() throws Exception {
        String id = "urn:" + "0123456789".repeat(25);
        try (Chromium chromium = new Chromium(); TestNode node = TestNode.alone()) {
            fill(node, "a", 30);
            node.client.mustPost(id, "long ".repeat(200));
            Chromium.Tab tab = live(chromium, node, 390, 844);
            Await.until("20 are shown", 5, () -> count(tab, "#list li") == 20);
            assertEquals("", tab.eval("[...document.querySelectorAll('*')].filter(each => {"
                    + "const style = getComputedStyle(each);"
                    + "return each !== document.documentElement"
                    + " && /auto|scroll/.test(style.overflowX + style.overflowY)"
                    + " && (each.scrollHeight > each.clientHeight + 1"
                    + " || each.scrollWidth > each.clientWidth + 1)})"
                    + ".map(each => each.tagName + '.' + each.className).join()"));
            assertEquals(true, tab.eval(NOTHING_BESIDE));
            String height = "document.querySelector('#list li code').clientHeight";
            String rawHeight = "document.querySelector('#list li .raw').clientHeight";
            double line = (Double) tab.eval(height);
            double lines = (Double) tab.eval(rawHeight);
            assertTrue(line < 30, "one line, not " + line);
            assertEquals(id, tab.eval("document.querySelector('#list li code').title"));
            click(tab, "#list li code");
            assertTrue((Double) tab.eval(height) > 3 * line, "a tap shows all of it");
            assertEquals("show all", text(tab, "#list li button"));
            click(tab, "#list li button");
            assertTrue((Double) tab.eval(rawHeight) > 2 * lines, "all of the news");
            assertEquals("show less", text(tab, "#list li button"));
            assertEquals(true, tab.eval(NOTHING_BESIDE));
            assertEquals(false, shown(tab, "#list li:last-child button"), "it is whole");
            assertEquals(List.of(), tab.errors);
        }
    }

    @Test
    void aNodeAloneShowsItselfAndHowToAddAnother() throws Exception {
        try (Chromium chromium = new Chromium();
                TestNode node = TestNode.alone("-cluster=it's mine")) {
            Chromium.Tab tab = live(chromium, node, 1280, 900);
            Await.until("it shows itself", 5, () -> count(tab, "#graph .self") == 1);
            assertEquals("this node", text(tab, "#graph .self text"));
            assertEquals(false, shown(tab, "#table"), "a table of nothing");
            assertEquals("No other node is linked to this one, which has 0 records. To start "
                    + "another on this network, run:java -jar build/bcast.jar -httpport=0 "
                    + "-cluster='it'\\''s mine' -peers=127.0.0.1:" + node.node.peers().port() + " ",
                    text(tab, "#step"));
            assertEquals(List.of(), tab.errors);
        }
    }

    @Test
    void theGraphIsLaidOutWhenItIsFirstShownAndPeersInStepHoldAll() throws Exception {
        String[] flags = {group(), "-cluster=graph"};
        try (Chromium chromium = new Chromium();
                TestNode a = new TestNode(Clock.system(), flags);
                TestNode b = new TestNode(Clock.system(), flags)) {
            Await.until("linked", 10, () -> a.node.peers().peers() == 1);
            b.client.mustPost("id", "raw");
            Chromium.Tab tab = chromium.open(a.url() + "/");
            Await.until("both nodes are drawn", 10, () -> count(tab, "#graph g") == 2);
            assertEquals(0.0, tab.eval("document.getElementById('graph')"
                    + ".getAnimations({subtree: true}).length"), "nothing moves");
            Await.until("the peer is in step", 10, () ->
                    text(tab, "#members td:nth-child(3)").equals("all"));
            assertEquals(List.of(), tab.errors);
        }
    }

    @Test
    void linksToMembersFollowThePagesScheme(@TempDir Path dir) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "needs openssl");
        assertEquals(0, new ProcessBuilder("openssl", "req", "-x509", "-nodes", "-days", "2",
                "-subj", "/CN=node", "-newkey", "rsa:2048", "-keyout", "key", "-out", "cert")
                .directory(dir.toFile()).redirectErrorStream(true)
                .redirectOutput(dir.resolve("said").toFile()).start().waitFor());
        String[] flags = {group(), "-cluster=scheme", "-tlscert=" + dir.resolve("cert"),
            "-tlskey=" + dir.resolve("key")};
        try (Chromium chromium = new Chromium("--ignore-certificate-errors");
                TestNode a = new TestNode(Clock.system(), flags);
                TestNode b = new TestNode(Clock.system(), flags)) {
            Chromium.Tab tab = chromium.open(a.url() + "/");
            Await.until("it shows the other", 10, () -> count(tab, "#members a") == 1);
            assertEquals(b.url() + "/", tab.eval("document.querySelector('#members a').href"));
        }
    }
}
