package bcast;

import bcast.base.Clock;
import bcast.testing.Client;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A whole node inside the test's process, on loopback and free ports, with the test's clock. */
final class TestNode implements AutoCloseable {

    final List<String> log = new CopyOnWriteArrayList<>();
    final List<String> faults = new CopyOnWriteArrayList<>();
    final Node node;
    final Client client;

    TestNode(Clock clock, String... flags) throws Exception {
        List<String> all = new ArrayList<>(List.of("-bind=127.0.0.1", "-httpport=0"));
        all.addAll(Arrays.asList(flags));
        Config config = Config.of(Flags.parse(all.toArray(new String[0]), Map.of()));
        node = Node.start(config, clock, log::add, (thread, e) -> faults.add(thread + e));
        client = new Client(node.url());
    }

    /** A node that knows no peers. */
    static TestNode alone(String... flags) throws Exception {
        String[] all = Arrays.copyOf(flags, flags.length + 1);
        all[flags.length] = "-group=off";
        return new TestNode(Clock.system(), all);
    }

    int port() {
        return Integer.parseInt(node.url().substring(node.url().lastIndexOf(':') + 1));
    }

    @Override
    public void close() {
        node.close();
        if (!faults.isEmpty()) {
            throw new AssertionError("faults: " + faults);
        }
    }
}
