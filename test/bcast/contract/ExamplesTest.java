package bcast.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.Await;
import bcast.testing.Client;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nodes of the examples as processes, beside nodes of the default jar. */
final class ExamplesTest {

    private static final String JAVA = System.getProperty("java.home") + File.separator + "bin"
            + File.separator + "java";
    private static final String OK = "{\"result\":true,\"msg\":\"ok\"}";

    private static NodeProcess node(String main, String... flags) throws Exception {
        List<String> command = new ArrayList<>(List.of(JAVA, "-ea", "-Xmx256m",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", Examples.classPath(), main,
                "-bind=127.0.0.1", "-httpport=0", "-group=off"));
        command.addAll(Arrays.asList(flags));
        return NodeProcess.command(command);
    }

    private static String peers(NodeProcess... nodes) throws Exception {
        List<String> each = new ArrayList<>();
        for (NodeProcess node : nodes) {
            each.add("127.0.0.1:" + node.clusterPort());
        }
        return "-peers=" + String.join(",", each);
    }

    private static void awaitSame(int count, List<Callable<String>> lists) throws Exception {
        Await.until(() -> "all list the same " + count, 15, () -> {
            String first = lists.get(0).call();
            for (Callable<String> list : lists) {
                if (!list.call().equals(first)) {
                    return false;
                }
            }
            return first.lines().count() == count;
        });
    }

    private static Callable<String> list(NodeProcess node) {
        return () -> node.client().send("GET", "/listAllRecentData", null, "Accept",
                "application/x-ndjson").body();
    }

    /** The statements of a wiring. */
    private static List<String> statements(String file) throws Exception {
        String source = Files.readString(Path.of(file));
        String body = source.substring(source.indexOf("    static Node node("));
        return Pattern.compile(";\\s*").splitAsStream(body).map(each ->
                each.replaceAll("\\s+", " ")).toList();
    }

    @Test
    void eachMainHasOneLineChanged() throws Exception {
        List<String> expected = statements("src/bcast/Main.java");
        for (String module : List.of("storage", "eventbus", "validator", "cluster", "frontend")) {
            List<String> found = statements("test/examples/" + module + "/Main.java");
            List<String> changed = new ArrayList<>(found);
            changed.removeAll(expected);
            assertEquals(1, changed.size(), module + ": " + changed);
            assertEquals(expected.size(), found.size(), module);
        }
    }

    @Test
    void nodesAgreeWhateverTheirStoreBusOrFrontEnd() throws Exception {
        try (NodeProcess usual = node("bcast.Main");
                NodeProcess store = node("storage.Main", peers(usual));
                NodeProcess bus = node("eventbus.Main", peers(usual));
                NodeProcess front = node("frontend.Main", peers(usual))) {
            List<NodeProcess> http = List.of(usual, store, bus);
            for (NodeProcess node : http) {
                node.ready();
                node.client().mustPost("id of " + node.pid(), "raw \u00e4");
            }
            InetSocketAddress lines = new InetSocketAddress("127.0.0.1", front.httpPort());
            assertEquals("ok\n", LineFrontendContractTest.ask(lines,
                    "posted " + News.md5("two words") + " two words"));
            awaitSame(4, Stream.concat(http.stream().map(ExamplesTest::list),
                    Stream.<Callable<String>>of(() ->
                            LineFrontendContractTest.ask(lines, "list"))).toList());
        }
    }

    @Test
    void aValidatorMayHaveAMainOrBeNamedByAFlag() throws Exception {
        try (NodeProcess main = node("validator.Main");
                NodeProcess flag = node("bcast.Main", "-validator=validator.CrcValidator",
                        peers(main))) {
            for (NodeProcess node : List.of(main, flag)) {
                Client client = node.ready().client();
                assertEquals(OK, client.send("POST", "/postNewData", "{\"id\":\"" + node.pid()
                        + "\",\"raw\":\"raw\",\"signature\":\""
                        + CrcValidatorContractTest.crc("raw") + "\"}").body());
                assertTrue(client.post("md5", "raw").contains("not the CRC-32"));
            }
            awaitSame(2, List.of(list(main), list(flag)));
        }
    }

    @Test
    void nodesOfTheExampleClusterAgreeAfterOneIsKilledAndOneLeaves() throws Exception {
        try (NodeProcess one = node("cluster.Main");
                NodeProcess two = node("cluster.Main", peers(one));
                NodeProcess three = node("cluster.Main", peers(one, two))) {
            List<NodeProcess> all = List.of(one, two, three);
            for (NodeProcess node : all) {
                node.ready().client().mustPost("id of " + node.pid(), "raw");
            }
            awaitSame(3, all.stream().map(ExamplesTest::list).toList());
            one.signal("KILL");
            two.client().mustPost("last", "raw");
            two.signal("TERM");
            assertEquals(0, two.exit(15));
            awaitSame(4, List.of(list(three)));
            assertFalse(three.log().stream().anyMatch(line -> line.contains("ERROR")));
        }
    }
}
