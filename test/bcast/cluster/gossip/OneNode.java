package bcast.cluster.gossip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.repair.RepairLimits;
import bcast.cluster.gossip.repair.RepairMessage;
import bcast.cluster.gossip.spread.SpreadCounts;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.eventbus.Source;
import bcast.storage.MapStorage;
import bcast.storage.StoreView;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** One state machine alone, for tests of exact outputs for exact inputs. */
public abstract class OneNode {

    protected static final long NOW = 1_700_000_000_000L;
    protected static final long DAY_MS = 86_400_000;
    protected static final NodeId ME = new NodeId(5, 5);
    protected static final NodeId SMALLER = new NodeId(1, 1);
    protected static final NodeId LARGER = new NodeId(9, 9);
    protected static final Address NOWHERE = new Address("", 0);

    protected final TestClock clock = TestClock.standing(NOW);
    protected final MapStorage store = Stores.map(DAY_MS, 300_000, 1 << 26, Contexts.quiet(clock));
    protected final StoreView view = store.keyed(News.KEY);
    protected Gossip gossip;

    protected OneNode() {
        gossip = new Gossip(new NodeSettings(ME, "c", new Address("", 4000), 8080, DAY_MS,
                300_000, "md5"), view, new Random(1), new Now(0, NOW));
    }

    protected List<Output> handle(Input input) {
        List<Output> outputs = new ArrayList<>(
                gossip.handle(input, new Now(clock.steadyMs(), clock.wallMs())));
        assertEquals(outputs.stream().filter(o -> o instanceof Output.Send send
                && send.message() instanceof SpreadMessage.Push).count(),
                Collections.frequency(outputs, new Output.Count(SpreadCounts.SENT)),
                "every record sent is counted");
        outputs.removeIf(o -> o instanceof Output.WriteLog || o instanceof Output.Count);
        return outputs;
    }

    /** Outputs of one kind over a time of ticks. */
    protected <T extends Output> List<T> during(long ms, Class<T> kind) {
        List<T> found = new ArrayList<>();
        for (long end = clock.steadyMs() + ms; clock.steadyMs() < end; ) {
            clock.advance(Gossip.TICK_MS);
            handle(new Input.Tick()).stream().filter(kind::isInstance).map(kind::cast)
                    .forEach(found::add);
        }
        return found;
    }

    protected static LinkMessage.Hello hello(NodeId node, String cluster, long retention,
            String rule) {
        return new LinkMessage.Hello(1, 1, cluster, node, new Address("", 5000), 8081, NOWHERE, NOW,
                retention, rule, LinkRole.NEIGHBOUR);
    }

    protected static LinkMessage.Hello hello(NodeId node) {
        return hello(node, "c", DAY_MS, "md5");
    }

    protected static List<Message> sent(List<Output> outputs, int link) {
        return outputs.stream().filter(o -> o instanceof Output.Send send && send.link() == link)
                .map(o -> ((Output.Send) o).message()).toList();
    }

    protected List<Output> linkUp(int link, NodeId node) {
        handle(new Input.Opened(link, Optional.empty(), "10.0.0." + link, News.KEY));
        return handle(new Input.Got(link, hello(node)));
    }

    protected LinkMessage.Heartbeat heartbeat(long wallMs, boolean full) {
        return new LinkMessage.Heartbeat(0, -1, 0, wallMs, 0, full, false, false, false, 1, 0);
    }

    /** Until the store takes no more. */
    protected void fillUp() {
        String raw = "x".repeat(Data.MAX_RAW_BYTES);
        for (int i = 0; !store.full(); i++) {
            store.merge(Data.of("filler" + i, raw, "unchecked", clock.wallMs()));
        }
    }

    protected Source push(int link, Data data, long meshHash) {
        List<Output> outputs = handle(new Input.Got(link, new SpreadMessage.Push(data, meshHash,
                false)));
        return ((Output.Deliver) outputs.get(0)).from();
    }

    protected static long sentHash(List<Message> sent) {
        return ((LinkMessage.Heartbeat) sent.get(1)).meshHash();
    }

    /** Counts the rounds that begin on a link. */
    protected static long compares(List<? extends Output> outputs, int link) {
        return outputs.stream().filter(o -> o instanceof Output.Send s && s.link() == link
                && s.message() instanceof RepairMessage.Compare).count();
    }

    /** Brings a peer up and ends the rounds that follow. */
    protected void settled(int link, NodeId node) {
        store.merge(News.data("held", "raw", NOW));
        linkUp(link, node);
        during(RepairLimits.LARGER_ID_DELAY_MS + 200, Output.class);
        handle(new Input.Got(link, new RepairMessage.Same()));
    }
}
