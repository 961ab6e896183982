package bcast.bench.durable;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Starts nodes on loopback that find each other only when told. */
final class Nodes {

    private Nodes() {}

    /** The command of a node that starts fast. */
    static List<String> command(String... flags) {
        return command(List.of("-ea", "-Xmx768m", "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"), flags);
    }

    /** The command of a node with options for Java. */
    static List<String> command(List<String> java, String... flags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(java);
        command.addAll(List.of("-jar", "build/bcast.jar", "-bind=127.0.0.1", "-httpport=0",
                "-group=off"));
        command.addAll(Arrays.asList(flags));
        return command;
    }

    static NodeProcess start(String... flags) throws Exception {
        return NodeProcess.command(command(flags));
    }

    /** Starts one that keeps news on disk. */
    static NodeProcess start(Path dir, String fsync) throws Exception {
        return start("-datadir=" + dir, "-fsync=" + fsync);
    }

    /** The flag by which a node finds another. */
    static String peer(NodeProcess node) throws Exception {
        return "-peers=127.0.0.1:" + node.clusterPort();
    }

    /** Waits until a node is ready and linked to so many others. */
    static void linked(NodeProcess node, int peers) throws Exception {
        Await.until("a node is linked to " + peers, 20, () -> metric(node, "bcast_peers") >= peers);
        node.ready();
    }

    /** What a node measures. */
    static long metric(NodeProcess node, String name) throws Exception {
        String all = node.client().send("GET", "/metrics", null).body();
        Matcher found = Pattern.compile("(?m)^" + name + " (\\d+)$").matcher(all);
        if (!found.find()) {
            throw new AssertionError("no " + name + " in " + all);
        }
        return Long.parseLong(found.group(1));
    }
}
