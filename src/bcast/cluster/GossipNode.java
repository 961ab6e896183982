package bcast.cluster;

import bcast.base.Context;
import bcast.cluster.gossip.Gossip;
import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Output;
import bcast.cluster.net.Links;
import bcast.cluster.net.discovery.Admission;
import bcast.cluster.net.discovery.Interfaces;
import bcast.cluster.net.discovery.MulticastDiscovery;
import bcast.cluster.net.discovery.NameLookup;
import bcast.cluster.net.discovery.NamedPeers;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.storage.Storage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.Executor;

/**
 * One node's state machine and its surroundings: links, announcements and looked up names are
 * inputs to it, and its outputs are carried out. Owned by the cluster's thread; only what is
 * published may be read by others.
 */
final class GossipNode {

    /** Names in -peers looked up at once; the others wait while the servers of these are silent. */
    private static final int MAX_LOOKUPS = 8;

    /** Time between lines of debugging with all counts. */
    private static final long COUNTS_MS = 5_000;

    // ---- published for other threads

    volatile int peers;
    volatile long queuedBytes;
    volatile long clocksApartMs;
    volatile String incarnation = "";

    private final ClusterSettings settings;
    private final Storage store;
    private final EventBus bus;
    private final Context context;
    final Links links;
    private final Address address;
    private final MulticastDiscovery discovery;
    private final NameLookup lookup;
    private final NamedPeers named;
    private Gossip gossip;
    private long countsDueMs;

    /** Binds the port; nothing happens before {@link #begin}. */
    GossipNode(ClusterSettings settings, Storage store, EventBus bus, Selector selector,
            Executor later, Context context) throws IOException {
        this.settings = settings;
        this.store = store;
        this.bus = bus;
        this.context = context;
        context.counters().declare(Gossip.counters());
        Admission admission = new Admission(() -> settings.secrets().get().all());
        this.links = new Links(new Links.Settings(settings.name(), settings.bind(),
                settings.port(), settings.maxQueuedBytes(), Math.min(Math.max(
                settings.maxUnfinishedBytes(), ClusterSettings.MIN_UNFINISHED_BYTES),
                ClusterSettings.MAX_UNFINISHED_BYTES), settings.maxSockets()), admission, selector,
                context, this::handle, () -> gossip.judgingBytes(), later);
        // Each peer fills in the host of a link-local address, whose zone differs.
        this.address = settings.advertise().map(GossipNode::address).orElse(new Address(
                settings.bind().map(InetAddress::getHostAddress).orElse(""), links.port())
                .seenAt(""));
        this.discovery = new MulticastDiscovery(new MulticastDiscovery.Settings(settings.name(),
                settings.bind(), settings.group(), address, settings.advertise().isPresent(),
                settings.maxSkewMs()), admission, selector, () -> gossip.node(), this::handle,
                context);
        this.lookup = new NameLookup("cluster-lookup", MAX_LOOKUPS, settings.named().size(),
                later, context.fault());
        this.named = new NamedPeers(settings.named().stream().map(GossipNode::address).toList(),
                lookup, context.log(), found -> handle(new Input.Resolved(found)));
    }

    private static Address address(InetSocketAddress unresolved) {
        return new Address(unresolved.getHostString(), unresolved.getPort());
    }

    void begin(InetSocketAddress clients) {
        NodeId node = new NodeId(context.random().nextLong(), context.random().nextLong());
        // The first key is that by which this node hashes records where no peer is involved.
        gossip = new Gossip(new NodeSettings(node, settings.name(), address,
                clients.getPort(), store.retentionMs(), settings.maxSkewMs(),
                settings.validator()), store.keyed(settings.secrets().get()
                .hashKeys(settings.name()).get(0)), context.random(), now());
        countsDueMs = context.clock().steadyMs() + COUNTS_MS;
        handle(new Input.Tick());
    }

    Members members() {
        return gossip.members(now());
    }

    void ready(SelectionKey key) {
        if (key.isValid() && !discovery.receive(key)) {
            links.ready(key);
        }
    }

    /** Takes over a scan of the interfaces; links are accepted from the first one on. */
    void rescanned(Interfaces found) {
        discovery.rescanned(found);
        if (links.accept()) {
            discovery.announce();
        }
    }

    /** When {@link #tick} is due by the steady clock. */
    long deadlineMs() {
        return gossip.deadlineMs();
    }

    void tick() {
        long nowMs = context.clock().steadyMs();
        links.tick(nowMs);
        handle(new Input.Tick());
        queuedBytes = links.waitingBytes();
        clocksApartMs = gossip.clocksApartMs(now());
        if (nowMs >= countsDueMs) {
            countsDueMs = nowMs + COUNTS_MS;
            context.log().debug("counts: " + context.counters());
        }
    }

    /** Whether the state machine has left the cluster and all links are closed. */
    boolean left() {
        return gossip.left() && links.isEmpty();
    }

    void handle(Input input) {
        handle(input, now());
    }

    void handle(Input input, Now now) {
        for (Output output : gossip.handle(input, now)) {
            apply(output);
        }
    }

    Now now() {
        return new Now(context.clock().steadyMs(), context.clock().wallMs());
    }

    private void apply(Output output) {
        if (output instanceof Output.Send send) {
            links.send(send);
        } else if (output instanceof Output.Deliver deliver) {
            bus.publish(new Event.Received(deliver.data(), deliver.from()));
        } else if (output instanceof Output.Count count) {
            context.counters().count(count.counter());
        } else if (output instanceof Output.WriteLog line) {
            context.log().log(line.level(), line.text());
        } else if (output instanceof Output.Connect connect) {
            links.connect(connect.address());
        } else if (output instanceof Output.Close close) {
            links.close(close);
        } else if (output instanceof Output.NotifyWhenDrained notify) {
            links.notifyWhenDrained(notify);
        } else if (output instanceof Output.Announce) {
            discovery.announce();
        } else if (output instanceof Output.Resolve) {
            named.lookUp();
        } else if (output instanceof Output.NewId id) {
            gossip = gossip.as(id.node(), now());
            incarnation = id.node().brief();
        } else if (output instanceof Output.Confirmed confirmed) {
            bus.publish(new Event.Confirmed(confirmed.data()));
        } else if (output instanceof Output.Health health) {
            bus.publish(new Event.Health(health.part(), health.problem()));
        } else if (output instanceof Output.Note note) {
            bus.publish(new Event.Note(note.part(), note.note()));
        }
    }

    void flush() {
        links.flush();
        peers = gossip.peerCount();
    }

    /** Closes all sockets at once. */
    void close() {
        lookup.stop();
        discovery.close();
        links.closeAll();
    }
}
