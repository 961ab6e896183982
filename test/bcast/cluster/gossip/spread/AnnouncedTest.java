package bcast.cluster.gossip.spread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.Gossip;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.gossip.overlay.OverlayLimits;
import bcast.cluster.gossip.overlay.OverlayMessage;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import bcast.eventbus.Source;
import bcast.storage.MapStorage;
import bcast.storage.StoreView;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How much of the store is read for hashes that peers name, of records in few milliseconds. */
final class AnnouncedTest {

    private static final long NOW = 1_700_000_000_000L;
    private static final int HELD = Message.MAX_HASHES;
    private static final int LINKS = 3;

    private final TestClock clock = TestClock.standing(NOW);
    private final MapStorage store =
            Stores.map(86_400_000, 300_000, 1 << 26, Contexts.quiet(clock));
    private final Gossip gossip = new Gossip(new NodeSettings(new NodeId(5, 5), "c",
            new Address("", 4000), 8080, 86_400_000, 300_000, "md5"),
            counted(store.keyed(News.KEY)), new Random(1), new Now(0, NOW));
    private int reads;
    private int records;

    /** A view that counts lookups and the records that they read. */
    private StoreView counted(StoreView view) {
        return (StoreView) Proxy.newProxyInstance(StoreView.class.getClassLoader(),
                new Class<?>[] {StoreView.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("equals")) {
                        return proxy == arguments[0];
                    } else if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    } else if (method.getName().equals("keyed")) {
                        return counted(view.keyed((SipHash) arguments[0]));
                    }
                    boolean reading = method.getName().equals("page");
                    reads += reading ? 1 : 0;
                    try {
                        Object result = method.invoke(view, arguments);
                        records += reading && result instanceof List<?> page ? page.size() : 0;
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private List<Output> handle(Input input) {
        return gossip.handle(input, new Now(clock.steadyMs(), clock.wallMs()));
    }

    /** Three links that are not of the tree, in a cluster too large for a mesh. */
    @BeforeEach
    void links() {
        store.merge(News.data("first", "raw", NOW - 1));
        for (int link = 1; link <= LINKS; link++) {
            handle(new Input.Opened(link, Optional.empty(), "10.0.0." + link, News.KEY));
            handle(new Input.Got(link, new LinkMessage.Hello(1, 1, "c", new NodeId(9, link),
                    new Address("", 5000), 8081, new Address("", 0), NOW, 86_400_000, "md5",
                    LinkRole.NEIGHBOUR)));
            handle(new Input.Got(link, new LinkMessage.Heartbeat(0, -1, 0, NOW, 99, false, false,
                    true, true, 9, 0)));
        }
        List<OverlayMessage.Peer> others = new ArrayList<>();
        for (int i = 0; i < OverlayLimits.MESH; i++) {
            others.add(new OverlayMessage.Peer(new NodeId(50, i), new Address("10.0.9." + i, 7),
                    0));
        }
        handle(new Input.Got(1, new OverlayMessage.Peers(others)));
        clock.advance(1_100);
        handle(new Input.Tick());
        handle(new Input.Got(1, new SpreadMessage.Beacon(new NodeId(0, 1), 7, 1)));
        reads = 0;
        records = 0;
    }

    private List<Data> made() {
        List<Data> all = new ArrayList<>();
        for (int i = 0; i < HELD; i++) {
            all.add(News.data("id" + i, "raw", clock.wallMs()));
        }
        return all;
    }

    private static List<Hash128> hashes(List<Data> all) {
        return all.stream().map(data -> data.hash(News.KEY)).toList();
    }

    private void assertReadOnce(int pages) {
        assertTrue(reads <= pages, reads + " reads");
        assertTrue(records <= HELD, records + " records read");
        reads = 0;
        records = 0;
    }

    private static int pages() {
        return HELD / 256 + 1;
    }

    @Test
    void recordsOfOneMillisecondAreReadOnceForAllOfAMessage() {
        made().forEach(store::merge);
        handle(new Input.Got(2, new SpreadMessage.IHave(hashes(made()))));
        assertReadOnce(pages());
    }

    @Test
    void whatSeveralLinksAnnounceIsLookedUpOnce() {
        made().forEach(store::merge);
        handle(new Input.Got(2, new SpreadMessage.IHave(hashes(made()))));
        assertReadOnce(pages());
        handle(new Input.Got(3, new SpreadMessage.IHave(hashes(made()))));
        assertEquals(0, reads);
    }

    @Test
    void whatThisNodeAnnouncedIsNotLookedUp() {
        for (Data data : made()) {
            store.merge(data);
            handle(new Input.Happened(new Event.Accepted(data, Source.CLIENT)));
        }
        reads = 0;
        handle(new Input.Got(3, new SpreadMessage.IHave(hashes(made()))));
        assertEquals(0, reads);
    }

    @Test
    void aGraftIsAnsweredByReadingItsMillisecondsOnce() {
        made().forEach(store::merge);
        List<Output> outputs = handle(new Input.Got(2, new SpreadMessage.Graft(hashes(made()))));
        assertReadOnce(pages());
        assertTrue(outputs.stream().filter(o -> o instanceof Output.Send send
                && send.message() instanceof SpreadMessage.Push).count() > HELD / 2);
    }

    @Test
    void whatIsMissedIsLookedUpTogetherOnceItIsDue() {
        handle(new Input.Got(2, new SpreadMessage.IHave(hashes(made()))));
        handle(new Input.Got(3, new SpreadMessage.IHave(hashes(made()))));
        made().forEach(store::merge);
        reads = 0;
        records = 0;
        clock.advance(Grafts.GRAFT_MS);
        List<Output> outputs = handle(new Input.Tick());
        assertTrue(records <= HELD + 10, records + " records read");
        assertTrue(reads <= pages() + 10, reads + " reads");
        assertTrue(outputs.stream().noneMatch(o -> o instanceof Output.Send send
                && send.message() instanceof SpreadMessage.Graft), "all came by another way");
    }

    @Test
    void nothingIsLookedUpWhileAsMuchIsMissedAsIsRemembered() {
        List<Hash128> missed = new ArrayList<>();
        for (int i = 0; i < Grafts.MAX_MISSING; i++) {
            missed.add(News.data("missed" + i, "raw", clock.wallMs()).hash(News.KEY));
        }
        for (int i = 0; i < missed.size(); i += Message.MAX_HASHES) {
            handle(new Input.Got(2, new SpreadMessage.IHave(missed.subList(i,
                    Math.min(missed.size() - 1, i + Message.MAX_HASHES)))));
        }
        reads = 0;
        handle(new Input.Got(2, new SpreadMessage.IHave(hashes(made()).subList(0, 1))));
        assertEquals(1, reads, "there is room for one more");
        handle(new Input.Got(2, new SpreadMessage.IHave(hashes(made()).subList(1, 2))));
        assertEquals(1, reads);
    }
}
