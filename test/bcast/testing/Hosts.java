package bcast.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Hosts on one network, each a network namespace whose interface {@code e0} leads to a bridge in
 * another namespace, the hub. Needs root and iproute2; without them the test is skipped.
 */
public final class Hosts {

    private final String prefix;
    private final String hub;
    private final List<String> names = new ArrayList<>();
    private final List<NodeProcess> nodes = new ArrayList<>();

    public Hosts(String prefix) throws Exception {
        this.prefix = prefix + ProcessHandle.current().pid() + "-";
        this.hub = this.prefix + "hub";
        try {
            run("ip netns add " + hub);
            names.add(hub);
        } catch (IOException e) {
            assumeTrue(false, "needs root and iproute2: " + e.getMessage());
        }
        try {
            run("ip -n " + hub + " link add br0 type bridge");
            run("ip -n " + hub + " link set br0 up");
            run("ip -n " + hub + " addr add 10.77.0.254/24 dev br0");
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Runs a command, its words between single spaces. Returns its output. */
    public static String run(String command) throws Exception {
        Process process = new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
        return output;
    }

    /** Adds a host with an interface e0 that is up; its only addresses are link-local. */
    public void add(int host) throws Exception {
        run("ip netns add " + name(host));
        names.add(name(host));
        ip(host, "link set lo up");
        connect(host, "");
    }

    /** Adds e0; more are arguments such as {@code address MAC}. */
    public void connect(int host, String more) throws Exception {
        run("ip -n " + hub + " link add v" + host + " type veth peer name e0 "
                + (more.isEmpty() ? "" : more + " ") + "netns " + name(host));
        run("ip -n " + hub + " link set v" + host + " master br0 up");
        ip(host, "link set e0 up");
    }

    /** Deletes e0. */
    public void disconnect(int host) throws Exception {
        ip(host, "link del e0");
    }

    public String name(int host) {
        return prefix + host;
    }

    /** Runs {@code ip} for a host. */
    public String ip(int host, String command) throws Exception {
        return run("ip -n " + name(host) + " " + command);
    }

    /** Runs a command on a host. */
    public String on(int host, String command) throws Exception {
        return run("ip netns exec " + name(host) + " " + command);
    }

    /** Asks a host's node, from that host, by IPv6. */
    public String get(int host, String path) throws Exception {
        return on(host, "curl -s --max-time 5 http://[::1]:8080" + path);
    }

    /** The name servers of a host. */
    public void resolvConf(int host, String text) throws Exception {
        Path dir = Path.of("/etc/netns", name(host));
        Files.createDirectories(dir);
        Files.writeString(dir.resolve("resolv.conf"), text);
    }

    public NodeProcess start(int host, String... flags) throws Exception {
        return start(host, List.of(), flags);
    }

    /** Starts a node with options for Java. */
    public NodeProcess start(int host, List<String> java, String... flags) throws Exception {
        List<String> prefix = new ArrayList<>(List.of("ip", "netns", "exec", name(host)));
        if (!java.isEmpty()) {
            prefix.addAll(List.of("env", "JAVA_TOOL_OPTIONS=" + String.join(" ", java)));
        }
        NodeProcess node = NodeProcess.launch(prefix, Arrays.asList(flags));
        nodes.add(node);
        return node;
    }

    /** Ends the nodes and removes the hosts. */
    public void close() throws Exception {
        nodes.forEach(NodeProcess::close);
        for (String name : names) {
            run("ip netns del " + name);
            Files.deleteIfExists(Path.of("/etc/netns", name, "resolv.conf"));
            Files.deleteIfExists(Path.of("/etc/netns", name));
        }
    }
}
