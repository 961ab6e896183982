package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.testing.Await;
import bcast.testing.News;
import bcast.testing.NodeProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Three hosts on one network, each a network namespace with an address of its own, joined by a
 * bridge in a fourth. Needs root and iproute2; skipped where they are not.
 */
@EnabledOnOs(OS.LINUX)
final class NamespaceTest {

    private static final int HOSTS = 3;
    private static final String OK = "{\"result\":true,\"msg\":\"ok\"}";

    private final String prefix = "bcast" + ProcessHandle.current().pid() + "-";
    private final String hub = prefix + "hub";
    private final List<NodeProcess> nodes = new ArrayList<>();

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    private static String[] words(String command) {
        return command.split(" ");
    }

    @BeforeEach
    void build() throws Exception {
        try {
            run("ip", "netns", "add", hub);
        } catch (IOException e) {
            assumeTrue(false, "needs root and iproute2: " + e.getMessage());
        }
        run(words("ip -n " + hub + " link set lo up"));
        run(words("ip -n " + hub + " link add br0 type bridge"));
        run(words("ip -n " + hub + " link set br0 up"));
        run(words("ip -n " + hub + " addr add 10.77.0.254/24 dev br0"));
        for (int i = 1; i <= HOSTS; i++) {
            String host = prefix + i;
            run("ip", "netns", "add", host);
            run(words("ip -n " + hub + " link add v" + i + " type veth peer name e0 netns "
                    + host));
            run(words("ip -n " + hub + " link set v" + i + " master br0 up"));
            run(words("ip -n " + host + " link set lo up"));
            run(words("ip -n " + host + " link set e0 up"));
            run(words("ip -n " + host + " addr add 10.77.0." + i + "/24 dev e0"));
        }
    }

    @AfterEach
    void tearDown() throws Exception {
        nodes.forEach(NodeProcess::close);
        for (String name : run("ip", "netns", "list").split("\n")) {
            if (name.startsWith(prefix)) {
                run("ip", "netns", "del", name.split(" ")[0]);
            }
        }
    }

    private NodeProcess start(int host, String... flags) throws Exception {
        NodeProcess node = NodeProcess.launch(List.of("ip", "netns", "exec", prefix + host),
                Arrays.asList(flags));
        nodes.add(node);
        return node;
    }

    /** A client in the hub asks a host. */
    private String curl(int host, String path, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", hub, "curl", "-s",
                "--max-time", "5", "http://10.77.0." + host + ":8080" + path));
        command.addAll(Arrays.asList(more));
        return run(command.toArray(new String[0]));
    }

    private void post(int host, String id) throws Exception {
        assertEquals(OK, curl(host, "/postNewData", "-d", News.json(id, "raw")));
    }

    private int count(int host) throws Exception {
        return curl(host, "/listAllRecentData").split("\\{\"id\":").length - 1;
    }

    private void ready(int... hosts) throws Exception {
        for (int host : hosts) {
            Await.until("host " + host + " is ready", 10, () ->
                    curl(host, "/readyz").equals("{\"ready\":true}"));
        }
    }

    private void assertAgree(double seconds, int count, int... hosts) throws Exception {
        Await.until(count + " records on all, byte for byte alike", seconds, () -> {
            String first = curl(hosts[0], "/listAllRecentData");
            for (int host : hosts) {
                if (!curl(host, "/listAllRecentData").equals(first)) {
                    return false;
                }
            }
            return count(hosts[0]) == count;
        });
    }

    @Test
    void hostsFindEachOtherByMulticastAndTwoOfThemAreKilled() throws Exception {
        NodeProcess one = start(1);
        NodeProcess two = start(2);
        start(3);
        ready(1, 2, 3);
        int posted = 0;
        for (; posted < 20; posted++) {
            post(3, "before" + posted);
        }
        assertAgree(2, posted, 1, 2, 3);
        one.signal("KILL");
        for (int i = 0; i < 20; i++, posted++) {
            post(3, "one gone" + i);
        }
        two.signal("KILL");
        for (int i = 0; i < 20; i++, posted++) {
            post(3, "two gone" + i);
        }
        start(1);
        start(2);
        ready(1, 2);
        assertAgree(2, posted, 1, 2, 3);
    }

    @Test
    void withOneNamedPeerOnlyTheRestStayJoinedWhenItDies() throws Exception {
        NodeProcess contact = start(1, "-group=off", "-clusterport=7000");
        start(2, "-group=off", "-peers=10.77.0.1:7000");
        start(3, "-group=off", "-peers=10.77.0.1:7000");
        ready(1, 2, 3);
        post(2, "first");
        assertAgree(2, 1, 1, 2, 3);
        Await.until("2 and 3 are linked by exchange", 5, () -> nodes.get(1).log().stream()
                .anyMatch(line -> line.contains("linked to") && line.contains("10.77.0.3")));
        contact.signal("KILL");
        post(2, "second");
        post(3, "third");
        assertAgree(2, 3, 2, 3);
        start(1, "-group=off", "-clusterport=7000");
        ready(1);
        assertAgree(7, 3, 1, 2, 3);
    }

    @Test
    void aCableThatIsPulledIsNoticedAndHealed() throws Exception {
        start(1);
        start(2);
        start(3);
        ready(1, 2, 3);
        post(1, "before");
        assertAgree(2, 1, 1, 2, 3);
        run(words("ip -n " + prefix + 3 + " link set e0 down"));
        long start = System.nanoTime();
        Await.until("both others notice", 10, () -> nodes.subList(0, 2).stream().allMatch(
                node -> node.log().stream().anyMatch(line -> line.contains("fell silent"))));
        System.out.println("cable out noticed after "
                + (System.nanoTime() - start) / 1_000_000 + " ms");
        post(1, "while cut");
        // The cut host serves those on it.
        assertEquals(OK, run("ip", "netns", "exec", prefix + 3, "curl", "-s", "-d",
                News.json("on the island", "raw"), "http://localhost:8080/postNewData"));
        run(words("ip -n " + prefix + 3 + " link set e0 up"));
        assertAgree(20, 3, 1, 2, 3);
    }

    /** Makes host 1 see all others behind one address, as behind NAT. */
    private void hideBehindOneAddress() throws Exception {
        List<String> rules = List.of("add table ip nat",
                "add chain ip nat in { type nat hook input priority 100 ; }",
                "add rule ip nat in ip saddr { 10.77.0.2, 10.77.0.3 } snat to 10.77.0.9");
        for (String rule : rules) {
            try {
                run("ip", "netns", "exec", prefix + 1, "nft", rule);
            } catch (IOException e) {
                assumeTrue(false, "needs nftables: " + e.getMessage());
            }
        }
    }

    @Test
    void nodesBehindOneAddressStayLinked() throws Exception {
        hideBehindOneAddress();
        NodeProcess server = start(1, "-group=off", "-clusterport=7000");
        start(2, "-group=off", "-clusterport=7000", "-peers=10.77.0.1:7000");
        start(3, "-group=off", "-clusterport=7000", "-peers=10.77.0.1:7000");
        ready(1, 2, 3);
        Await.until("both are linked to the server, and it says that they share an address", 10,
                () -> links(1) == 2 && server.log().stream().anyMatch(line ->
                line.contains("share the address 10.77.0.9:7000")));
        int posted = 0;
        for (; posted < 30; posted++) {
            post(1 + posted % HOSTS, "id" + posted);
        }
        assertAgree(2, posted, 1, 2, 3);
        assertEquals(2, server.log().stream().filter(line -> line.contains("linked to")).count(),
                "none was linked again");
        assertEquals(2, links(1));
    }

    private int links(int host) throws Exception {
        return curl(host, "/members").split("\"neighbour\"").length - 1;
    }
}
