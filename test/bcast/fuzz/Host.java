package bcast.fuzz;

import bcast.base.Context;
import bcast.base.Log;
import bcast.cluster.gossip.Gossip;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.net.secret.ProtocolException;
import bcast.cluster.net.RawLink;
import bcast.core.Core;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Subscription;
import bcast.sim.SyncBus;
import bcast.storage.Durability;
import bcast.storage.MapStorage;
import bcast.testing.Contexts;
import bcast.testing.News;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import bcast.validator.DigestValidator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** A whole node without threads and sockets: the real codec, state machine, core and store. */
final class Host {

    static final String CLUSTER = "c";
    /** Short, so that records expire while the test runs. */
    static final long RETENTION_MS = 600_000;
    static final long SKEW_MS = 60_000;
    /** Small, so that the store is full now and then. */
    static final long STORE_BYTES = 512 * 1024;
    /** While more is under judgement no link is read. */
    private static final long MAX_JUDGING_BYTES = 4 * 1024 * 1024;
    private static final int EVENTS_CAPACITY = 4_096;
    private static final int ECHOES = 4;
    private static final int MAX_ECHO_BYTES = 4 * 1024;

    /** The other end of a link. */
    interface Peer {
        /** The node sends. */
        void sent(byte[] frames);

        /** The node will send no more. */
        void ended();
    }

    /** One link, as the node sees it. */
    static final class Link {
        final int number;
        final Peer peer;
        /** Some of what the node sent last, to be sent back to it. */
        final List<byte[]> echoes = new ArrayList<>();
        int frames;
        boolean closing;
        private final RawLink codec = new RawLink();

        private Link(int number, Peer peer) {
            this.number = number;
            this.peer = peer;
        }
    }

    final NodeId node;
    final Map<Integer, Link> links = new TreeMap<>();
    /** Addresses that the node wants to dial. */
    final Deque<Address> dials = new ArrayDeque<>();
    Gossip gossip;
    final MapStorage store;
    final Core core;
    private final TestClock clock;
    private final RawLink.Writer writer = new RawLink.Writer();
    private final EventBus bus = new SyncBus();
    private final Subscription events;
    private int lastLink;
    /** What the state machine counted. */
    final Map<String, Long> counts = new TreeMap<>();
    long messages;
    long broke;

    Host(TestClock clock, Random random) {
        this.clock = clock;
        // Texts are made, though nobody reads them: making them may fail as well.
        Context context = Contexts.logging(clock, Log.Level.DEBUG, line -> { });
        store = Stores.map(RETENTION_MS, SKEW_MS, STORE_BYTES, context);
        core = new Core(DigestValidator.md5(), store, Durability.NONE, false, bus,
                new Core.Timing(SKEW_MS, 20_000), context);
        node = new NodeId(random.nextLong(), random.nextLong());
        gossip = new Gossip(new NodeSettings(node, CLUSTER, new Address("", 4_000), 8_080,
                RETENTION_MS, SKEW_MS, "md5"),
                store.keyed(News.KEY), random, now());
        events = bus.subscribe("cluster", Set.of(Event.Accepted.class, Event.Refused.class,
                Event.Broadcast.class), EVENTS_CAPACITY, EventBus.WhenFull.DROP, () -> { });
    }

    Now now() {
        return new Now(clock.steadyMs(), clock.wallMs());
    }

    /** Opens a link. */
    Link open(Optional<Address> dialled, String remoteHost, SipHash key, Peer peer) {
        Link link = new Link(++lastLink, peer);
        links.put(link.number, link);
        handle(new Input.Opened(link.number, dialled, remoteHost, key));
        return link;
    }

    /** Bytes arrive on a link, in pieces of a size. */
    void arrived(Link link, byte[] bytes, int size) {
        if (links.get(link.number) != link) {
            return;
        }
        link.frames++;
        try {
            link.codec.take(bytes, size, message -> {
                if (links.get(link.number) == link) {
                    messages += message == null ? 0 : 1;
                    handle(message == null ? new Input.Alive(link.number)
                            : new Input.Got(link.number, message));
                }
            });
        } catch (ProtocolException expected) {
            broke++;
            closed(link, "broke the protocol: " + expected.getMessage());
        }
        if (gossip.judgingBytes() > MAX_JUDGING_BYTES) {
            takeEvents();
        }
    }

    /** A link is closed, by its other end or by a fault. */
    void closed(Link link, String reason) {
        if (links.remove(link.number, link)) {
            handle(new Input.Closed(link.number, reason));
            link.peer.ended();
        }
    }

    /** The core judges what waits, and the state machine learns of it. */
    void takeEvents() {
        core.judgeWaiting();
        long missed = events.missed();
        if (missed > 0) {
            handle(new Input.Missed(missed));
        }
        for (Optional<Event> event = events.poll(); event.isPresent(); event = events.poll()) {
            handle(new Input.Happened(event.get()));
            core.judgeWaiting();
        }
    }

    void handle(Input input) {
        for (Output output : gossip.handle(input, now())) {
            apply(output);
        }
    }

    private void apply(Output output) {
        if (output instanceof Output.Send send) {
            send(links.get(send.link()), send.message());
        } else if (output instanceof Output.Connect connect) {
            dials.add(connect.address());
        } else if (output instanceof Output.Close close) {
            Link link = links.get(close.link());
            if (link != null && !link.closing) {
                link.closing = true;
                link.peer.ended();
            }
        } else if (output instanceof Output.Deliver deliver) {
            bus.publish(new Event.Received(deliver.data(), deliver.from()));
        } else if (output instanceof Output.Count count) {
            counts.merge(count.counter().toString(), 1L, Long::sum);
        } else if (output instanceof Output.NewId fresh) {
            gossip = gossip.as(fresh.node(), now());
        } else if (output instanceof Output.Health health) {
            bus.publish(new Event.Health(health.part(), health.problem()));
        } else if (output instanceof Output.Note note) {
            bus.publish(new Event.Note(note.part(), note.note()));
        }
    }

    private void send(Link link, Message message) {
        if (link == null || link.closing) {
            return;
        }
        // What the state machine says must fit the wire, whatever made it say so.
        byte[] frames = writer.bytes(message);
        if (frames.length <= MAX_ECHO_BYTES) {
            if (link.echoes.size() == ECHOES) {
                link.echoes.remove(0);
            }
            link.echoes.add(frames);
        }
        link.peer.sent(frames);
    }
}
