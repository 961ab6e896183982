package bcast.cluster.gossip;

import bcast.data.Data;
import bcast.data.Hash128;
import bcast.eventbus.Event;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.storage.StoreView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * One node's side of the cluster protocol. Every node links to every other it hears of; who
 * accepts a record from a client pushes it to all its links, and whoever is not sure that all
 * others got it from there passes it on; {@link Repair} brings over what was missed.
 *
 * <p>Not safe for use by several threads: one thread owns it, and it owns nothing but memory.
 */
public final class Gossip {

    /** Protocol versions spoken. */
    public static final int MIN_VERSION = 1;
    /** Protocol versions spoken. */
    public static final int MAX_VERSION = 1;

    /** Most links at once, those that still greet included. */
    public static final int MAX_LINKS = 128;

    /** A link is dead after so long without a byte: five heartbeats, and well within 10 s. */
    public static final long DEAD_MS = 5_000;

    /** Time between heartbeats. */
    static final long HEARTBEAT_MS = 1_000;

    /** Time for both greetings, from the open link on. */
    static final long GREETING_MS = 5_000;

    /** A node that did not run for so long cannot tell whether its peers are silent. */
    static final long PAUSE_MS = 2_000;

    /** Time between looks at everything that is due. */
    static final long TICK_MS = 100;

    /** Time between announcements by multicast, once settled. */
    static final long ANNOUNCE_MS = 2_000;

    /** An unknown node is answered with an announcement, but not more often than this. */
    static final long ANNOUNCE_AGAIN_MS = 200;

    /** Time between lookups of the user's names while a node may be missing. */
    static final long RESOLVE_MS = 5_000;

    /** Time between exchanges of peers while views differ. */
    static final long EXCHANGE_MS = 1_000;

    /** Without a peer by then the node is ready by itself. */
    static final long ALONE_MS = 1_900;

    /** The node with the larger id waits so long for the other to dial. */
    static final long DIAL_DELAY_MS = 300;

    /** Records that fail the validator before a peer is shut out. */
    static final int MAX_FAULTS = 16;

    /** How long a faulty peer is shut out. */
    static final long SHUT_OUT_MS = 60_000;

    /** Most peers remembered as shut out. */
    static final int MAX_SHUT_OUT = 1_024;

    /** Time between two {@link Message.Behind} on one link. */
    static final long BEHIND_MS = 500;

    /** Keeps the number of records under judgement bounded when they are small. */
    private static final int JUDGING_OVERHEAD_BYTES = 256;

    /** How long a refused record is not asked for again. */
    private static final long REFUSED_MS = 60_000;

    /** Counts records that arrived although they were held. */
    public static final String DUPLICATES = "push_duplicates";
    /** Counts records pushed on links. */
    public static final String PUSHED = "pushed";
    /** Counts peers shut out for sending records that fail the validator. */
    public static final String SHUT_OUT = "peers_shut_out";
    /** Counts links closed because the peer fell silent. */
    public static final String SILENT = "links_silent";
    /** Counts links whose backlog was dropped. */
    public static final String OVERFLOWED = "links_overflowed";

    /**
     * What a node tells its peers of itself.
     *
     * @param node its id
     * @param cluster name of its cluster
     * @param address where it listens; an empty host lets each peer see for itself
     * @param httpPort where it serves clients
     * @param retentionMs its retention
     * @param maxSkewMs how far clocks may be apart
     * @param validator name of its validator
     */
    public record Settings(NodeId node, String cluster, Address address, int httpPort,
            long retentionMs, long maxSkewMs, String validator) {}

    /** A record under judgement. */
    private record Judging(int link, Data data, long meshHash, boolean asked) {}

    private final Settings settings;
    private final StoreView store;
    private final Random random;
    private final Outbox out = new Outbox();
    private final AddressBook book;
    private final Repair repair;
    private final RefusedRecords refused = new RefusedRecords();
    private final Map<Integer, Link> links = new TreeMap<>();
    private final Map<NodeId, Link> peers = new TreeMap<>();
    private final Map<Long, Judging> judging = new HashMap<>();
    private final Map<NodeId, Long> shutOutUntilMs = new LinkedHashMap<>();
    private long judgingBytes;
    private long tickets;
    private long startedMs = -1;
    private long tickedMs;
    private long announceDueMs;
    private long announcedMs;
    private long resolveDueMs;
    private long exchangeDueMs;
    private long clockDueMs;
    private long meshHash;
    private boolean synced;
    private boolean wasFull;
    private boolean leaving;
    private Optional<Long> clockOff = Optional.empty();
    private String healthSaid = "";

    /**
     * A node without peers.
     *
     * @param settings what it tells its peers
     * @param store what it holds
     * @param random the only source of chance
     */
    public Gossip(Settings settings, StoreView store, Random random) {
        this.settings = settings;
        this.store = store;
        this.random = random;
        this.book = new AddressBook(random);
        this.repair = new Repair(store, refused, out, new RepairLinks(), settings.retentionMs());
        this.meshHash = computeMeshHash();
    }

    private final class RepairLinks implements Repair.Links {
        @Override
        public List<Integer> up() {
            return peers.values().stream().map(link -> link.number).toList();
        }

        @Override
        public int judging(int number) {
            Link link = links.get(number);
            return link == null ? 0 : link.judging;
        }

        @Override
        public void synced(int link) {
            synced = true;
        }
    }

    /** {@return when {@link Input.Tick} is due, by the steady clock} */
    public long deadlineMs() {
        return tickedMs + TICK_MS;
    }

    /** {@return bytes of records under judgement; while many, nothing more should be read} */
    public long judgingBytes() {
        return judgingBytes;
    }

    /** {@return how many peers are linked} */
    public int peerCount() {
        return peers.size();
    }

    /**
     * Handles one input.
     *
     * @param input what happened
     * @param now when
     * @return what is to be done, in order
     */
    public List<Output> handle(Input input, Now now) {
        if (startedMs < 0) {
            start(now);
        }
        if (input instanceof Input.Got got) {
            onGot(got, now);
        } else if (input instanceof Input.Happened happened) {
            onEvent(happened.event(), now);
        } else if (input instanceof Input.Alive alive) {
            Link link = links.get(alive.link());
            if (link != null) {
                link.heardMs = now.steadyMs();
            }
        } else if (input instanceof Input.Opened opened) {
            onOpened(opened, now);
        } else if (input instanceof Input.DialFailed failed) {
            out.debug("cannot reach " + failed.address() + ": " + failed.reason());
            book.failed(failed.address(), now.steadyMs());
        } else if (input instanceof Input.Closed closed) {
            onClosed(closed, now);
        } else if (input instanceof Input.Overflowed overflowed) {
            out.count(OVERFLOWED);
            sayBehind(overflowed.link(), now);
        } else if (input instanceof Input.Announced announced) {
            onAnnounced(announced, now);
        } else if (input instanceof Input.Resolved resolved) {
            book.named(resolved.addresses(), now.steadyMs());
        } else if (input instanceof Input.Missed missed) {
            onMissed(missed, now);
        } else if (input instanceof Input.Leave) {
            onLeave();
        } else {
            tick(now);
        }
        return out.take();
    }

    private void start(Now now) {
        startedMs = now.steadyMs();
        tickedMs = now.steadyMs();
        announceDueMs = now.steadyMs();
        resolveDueMs = now.steadyMs();
        exchangeDueMs = now.steadyMs() + EXCHANGE_MS;
        clockDueMs = now.steadyMs() + HEARTBEAT_MS;
        sayHealth(now);
    }

    // ---- what is due

    private void tick(Now now) {
        long ms = now.steadyMs();
        if (ms - tickedMs > PAUSE_MS) {
            out.warn("this node stood still for " + (ms - tickedMs) + " ms");
            links.values().forEach(link -> link.heardMs = ms);
        }
        tickedMs = ms;
        if (leaving) {
            return;
        }
        for (Link link : List.copyOf(links.values())) {
            checkAlive(link, now);
        }
        for (Link link : peers.values()) {
            if (ms >= link.heartbeatDueMs) {
                link.heartbeatDueMs = ms + HEARTBEAT_MS;
                heartbeat(link, now);
            }
            if (link.behindWanted) {
                sayBehind(link.number, now);
            }
        }
        if (ms >= announceDueMs) {
            announce(now);
        }
        if (ms >= resolveDueMs) {
            resolveDueMs = ms + RESOLVE_MS;
            out.add(new Output.Resolve());
        }
        if (ms >= exchangeDueMs) {
            exchangeDueMs = ms + EXCHANGE_MS;
            exchange();
        }
        if (ms >= clockDueMs) {
            clockDueMs = ms + HEARTBEAT_MS;
            checkClock();
        }
        dial(ms);
        if (wasFull && !store.full()) {
            peers.values().forEach(link -> repair.want(link.number, false));
        }
        wasFull = store.full();
        repair.tick(now);
        sayHealth(now);
    }

    private void checkAlive(Link link, Now now) {
        if (!link.up() && now.steadyMs() - link.openedMs > GREETING_MS) {
            hangUp(link, "no greeting", now);
        } else if (link.up() && now.steadyMs() - link.heardMs > DEAD_MS) {
            out.count(SILENT);
            out.info("peer " + link + " fell silent");
            hangUp(link, "silent", now);
        }
    }

    private void heartbeat(Link link, Now now) {
        long held = link.lastEchoMs < 0 ? 0 : now.steadyMs() - link.lastEchoAtMs;
        out.send(link.number, new Message.Heartbeat(now.steadyMs(), link.lastEchoMs, held,
                now.wallMs(), meshHash, store.full()));
    }

    private void announce(Now now) {
        boolean settling = now.steadyMs() - startedMs < ANNOUNCE_MS;
        announceDueMs = now.steadyMs() + (settling ? ANNOUNCE_MS / 4 : ANNOUNCE_MS);
        announcedMs = now.steadyMs();
        out.add(new Output.Announce());
    }

    private void dial(long ms) {
        if (links.size() >= MAX_LINKS) {
            return;
        }
        for (Address address : book.due(peers::containsKey, ms)) {
            out.add(new Output.Connect(address));
        }
    }

    private void checkClock() {
        long[] offsets = peers.values().stream().filter(link -> link.clockKnown)
                .mapToLong(link -> link.clockOffsetMs).toArray();
        clockOff = ClockWatch.off(offsets, settings.maxSkewMs());
    }

    private void sayHealth(Now now) {
        Optional<String> sync = Optional.empty();
        if (!synced) {
            boolean alone = peers.isEmpty() && now.steadyMs() - startedMs >= ALONE_MS;
            if (alone || !peers.isEmpty() && !repair.busy() && store.full()) {
                synced = true;
            } else {
                sync = Optional.of(peers.isEmpty() ? "looking for peers"
                        : "the first sync with a peer is under way");
            }
        }
        Optional<String> clock = clockOff.map(ms -> "this node's clock is " + Math.abs(ms)
                + " ms " + (ms > 0 ? "behind" : "ahead of") + " its peers' clocks");
        String said = sync + " " + clockOff.isPresent();
        if (!said.equals(healthSaid)) {
            healthSaid = said;
            out.health("sync", sync);
            out.health("clock", clock);
            clock.ifPresent(out::warn);
        }
    }

    // ---- links

    private void onOpened(Input.Opened opened, Now now) {
        Link link = new Link(opened.link(), opened.dialled(), opened.remoteHost(),
                now.steadyMs());
        links.put(link.number, link);
        Address nowhere = new Address("", 0);
        out.send(link.number, new Message.Hello(MIN_VERSION, MAX_VERSION, settings.cluster(),
                settings.node(), settings.address(), settings.httpPort(),
                opened.dialled().orElse(nowhere), now.wallMs(), settings.retentionMs(),
                settings.validator()));
        if (links.size() > MAX_LINKS && opened.dialled().isEmpty()) {
            refuse(link, "this node has as many links as it can", now);
        }
    }

    private void onClosed(Input.Closed closed, Now now) {
        Link link = links.get(closed.link());
        if (link == null) {
            return;
        }
        if (link.up()) {
            out.info("link to " + link + " closed: " + closed.reason());
        } else {
            out.debug("link to " + link + " closed: " + closed.reason());
        }
        drop(link, now);
    }

    /** Closes a link from our side. */
    private void hangUp(Link link, String reason, Now now) {
        out.debug("closing link to " + link + ": " + reason);
        out.add(new Output.Close(link.number));
        drop(link, now);
    }

    private void refuse(Link link, String reason, Now now) {
        out.send(link.number, new Message.Refuse(reason));
        link.dialled.ifPresent(address -> book.refused(address, now.steadyMs()));
        out.warn("refused " + link + ": " + reason);
        out.add(new Output.Close(link.number));
        links.remove(link.number);
        repair.gone(link.number);
    }

    private void drop(Link link, Now now) {
        links.remove(link.number);
        repair.gone(link.number);
        if (!link.up()) {
            link.dialled.ifPresent(address -> book.failed(address, now.steadyMs()));
        } else if (peers.get(link.node()) == link) {
            peers.remove(link.node());
            book.lost(link.node(), now.steadyMs());
            meshHash = computeMeshHash();
        }
    }

    private void onGot(Input.Got got, Now now) {
        Link link = links.get(got.link());
        if (link == null) {
            return;
        }
        link.heardMs = now.steadyMs();
        Message message = got.message();
        if (message instanceof Message.Refuse refusal) {
            out.warn("refused by " + link + ": " + refusal.reason());
            link.dialled.ifPresent(address -> book.refused(address, now.steadyMs()));
            hangUp(link, "refused by the peer", now);
            link.dialled.ifPresent(address -> book.refused(address, now.steadyMs()));
        } else if (!link.up()) {
            if (message instanceof Message.Hello hello) {
                onHello(link, hello, now);
            } else {
                hangUp(link, "no greeting first", now);
            }
        } else if (peers.get(link.node()) == link) {
            onMessage(link, message, now);
        }
    }

    private void onMessage(Link link, Message message, Now now) {
        if (message instanceof Message.Push push) {
            onPush(link, push, now);
        } else if (message instanceof Message.Heartbeat heartbeat) {
            onHeartbeat(link, heartbeat, now);
        } else if (message instanceof Message.Peers known) {
            onPeers(link, known, now);
        } else if (message instanceof Message.Behind) {
            repair.want(link.number, true);
            repair.tick(now);
        } else if (message instanceof Message.Compare compare) {
            repair.onCompare(link.number, compare);
        } else if (message instanceof Message.Differ differ) {
            repair.onDiffer(link.number, differ, now);
            repair.tick(now);
        } else if (message instanceof Message.AskKeys ask) {
            repair.onAskKeys(link.number, ask);
        } else if (message instanceof Message.Keys keys) {
            repair.onKeys(link.number, keys, now);
            repair.tick(now);
        } else if (message instanceof Message.AskRecords ask) {
            repair.onAskRecords(link.number, ask);
        } else if (message instanceof Message.AskAll ask) {
            repair.onAskAll(link.number, ask);
        } else if (message instanceof Message.Answered answered) {
            repair.onAnswered(link.number, answered, now);
        } else if (message instanceof Message.Bye bye) {
            out.info("peer " + link + " left: " + bye.reason());
            book.left(link.node());
            hangUp(link, "the peer left", now);
        } else {
            hangUp(link, "unexpected " + message.getClass().getSimpleName(), now);
        }
    }

    private void onHello(Link link, Message.Hello hello, Now now) {
        if (hello.node().equals(settings.node())) {
            link.dialled.ifPresent(address -> book.refused(address, now.steadyMs()));
            out.add(new Output.Close(link.number));
            links.remove(link.number);
            return;
        }
        Optional<String> mismatch = mismatch(hello, now);
        if (mismatch.isPresent()) {
            refuse(link, mismatch.get(), now);
            return;
        }
        Link other = peers.get(hello.node());
        link.hello = hello;
        if (other != null && !better(link, other)) {
            // The one that stays is the same from both sides.
            link.dialled.ifPresent(address ->
                    book.linked(address, hello.node(), now.steadyMs()));
            hangUp(link, "a second link", now);
            return;
        }
        if (other != null) {
            hangUp(other, "replaced by a better link", now);
        }
        up(link, now);
    }

    private Optional<String> mismatch(Message.Hello hello, Now now) {
        if (Math.min(MAX_VERSION, hello.maxVersion())
                < Math.max(MIN_VERSION, hello.minVersion())) {
            return Optional.of("no common protocol version: one speaks " + MIN_VERSION + ".."
                    + MAX_VERSION + ", the other " + hello.minVersion() + ".."
                    + hello.maxVersion());
        }
        if (!hello.cluster().equals(settings.cluster())) {
            return differs("cluster name", settings.cluster(), hello.cluster());
        }
        if (hello.retentionMs() != settings.retentionMs()) {
            return differs("retention in ms", settings.retentionMs(), hello.retentionMs());
        }
        if (!hello.validator().equals(settings.validator())) {
            return differs("validator", settings.validator(), hello.validator());
        }
        Long until = shutOutUntilMs.get(hello.node());
        if (until != null && now.steadyMs() < until) {
            return Optional.of("shut out for sending invalid records");
        }
        return Optional.empty();
    }

    private static Optional<String> differs(String what, Object ours, Object theirs) {
        return Optional.of(what + " differs: " + ours + " and " + theirs);
    }

    /** Of two links the one dialled by the smaller id stays; of two dialled by one, the newer. */
    private boolean better(Link link, Link other) {
        if (link.dialled.isPresent() == other.dialled.isPresent()) {
            return true;
        }
        boolean weAreSmaller = settings.node().compareTo(link.node()) < 0;
        return link.dialled.isPresent() == weAreSmaller;
    }

    private void up(Link link, Now now) {
        Message.Hello hello = link.hello;
        String host = hello.address().host().isEmpty() ? link.remoteHost
                : hello.address().host();
        link.peerAddress = new Address(host, hello.address().port());
        link.peerName = hello.node().toString();
        for (Link old : List.copyOf(peers.values())) {
            if (old.peerAddress.equals(link.peerAddress) && !old.node().equals(link.node())) {
                out.info("peer " + old + " was restarted");
                hangUp(old, "restarted", now);
            }
        }
        peers.put(hello.node(), link);
        book.linked(link.dialled.orElse(link.peerAddress), hello.node(), now.steadyMs());
        meshHash = computeMeshHash();
        out.info("linked to " + link + (link.dialled.isPresent() ? "" : ", which dialled"));
        heartbeat(link, now);
        link.heartbeatDueMs = now.steadyMs() + HEARTBEAT_MS;
        sendPeers(link);
        repair.want(link.number, false);
        repair.tick(now);
    }

    private void onHeartbeat(Link link, Message.Heartbeat heartbeat, Now now) {
        link.lastEchoMs = heartbeat.sentMs();
        link.lastEchoAtMs = now.steadyMs();
        if (heartbeat.echoMs() >= 0) {
            long roundTrip = now.steadyMs() - heartbeat.echoMs() - heartbeat.heldMs();
            link.roundTripMs = Math.max(0, roundTrip);
        }
        long travel = Math.max(0, link.roundTripMs) / 2;
        link.clockOffsetMs = heartbeat.wallMs() + travel - now.wallMs();
        link.clockKnown = true;
        link.peerMeshHash = heartbeat.meshHash();
        if (link.peerFull && !heartbeat.full()) {
            sayBehind(link.number, now);
        }
        link.peerFull = heartbeat.full();
    }

    /** Equal for all nodes of a full mesh, and else different but for a chance of 2^-64. */
    private long computeMeshHash() {
        long sum = mix(settings.node());
        for (NodeId node : peers.keySet()) {
            sum += mix(node);
        }
        // 0 stands for no mesh at all.
        return sum == 0 ? 1 : sum;
    }

    /** Finalizer of SplitMix64 (Steele, Lea, Flood, 2014). */
    private static long mix(NodeId node) {
        long z = node.hi() ^ Long.rotateLeft(node.lo(), 32);
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    // ---- finding each other

    private void onAnnounced(Input.Announced announced, Now now) {
        if (announced.node().equals(settings.node()) || leaving) {
            return;
        }
        if (!peers.containsKey(announced.node())) {
            book.heard(announced.address(), announced.node(), dialDelay(announced.node()),
                    now.steadyMs());
            if (now.steadyMs() - announcedMs >= ANNOUNCE_AGAIN_MS) {
                announce(now);
            }
            dial(now.steadyMs());
        }
    }

    private long dialDelay(NodeId other) {
        boolean first = settings.node().compareTo(other) < 0;
        return first ? 0 : DIAL_DELAY_MS + random.nextInt((int) DIAL_DELAY_MS);
    }

    /** Tells peers whose view differs from ours whom we know. */
    private void exchange() {
        for (Link link : peers.values()) {
            if (link.peerMeshHash != meshHash) {
                sendPeers(link);
            }
        }
    }

    private void sendPeers(Link to) {
        List<Message.Peer> known = new ArrayList<>();
        for (Link link : peers.values()) {
            // A loopback address means something else on another host.
            boolean useful = link != to && (!link.peerAddress.loopback() || to.loopback());
            if (useful && link.peerAddress.port() != 0) {
                known.add(new Message.Peer(link.node(), link.peerAddress));
            }
        }
        while (known.size() > Message.MAX_PEERS) {
            known.remove(random.nextInt(known.size()));
        }
        if (!known.isEmpty()) {
            out.send(to.number, new Message.Peers(List.copyOf(known)));
        }
    }

    private void onPeers(Link link, Message.Peers known, Now now) {
        for (Message.Peer peer : known.peers()) {
            boolean reachable = !peer.address().loopback() || link.loopback();
            if (reachable && !peer.node().equals(settings.node())
                    && !peers.containsKey(peer.node())) {
                book.heard(peer.address(), peer.node(), dialDelay(peer.node()), now.steadyMs());
            }
        }
        dial(now.steadyMs());
    }

    // ---- records

    private void onPush(Link link, Message.Push push, Now now) {
        if (push.asked()) {
            repair.received(link.number, now);
        }
        if (store.holds(push.data())) {
            out.count(DUPLICATES);
            return;
        }
        long ticket = ++tickets;
        judging.put(ticket, new Judging(link.number, push.data(), push.meshHash(),
                push.asked()));
        judgingBytes += cost(push.data());
        link.judging++;
        out.add(new Output.Deliver(push.data(), new Source(link.peerName, ticket)));
    }

    /** What a record under judgement costs beyond its bytes. */
    private static int cost(Data data) {
        return data.wireLength() + JUDGING_OVERHEAD_BYTES;
    }

    private void onEvent(Event event, Now now) {
        if (event instanceof Event.Accepted accepted) {
            onAccepted(accepted);
        } else if (event instanceof Event.Refused rejected) {
            onRefused(rejected, now);
        } else if (event instanceof Event.Broadcast) {
            onInterval();
        }
        if (repair.busy()) {
            repair.tick(now);
        }
    }

    private void onAccepted(Event.Accepted accepted) {
        if (!accepted.from().isPeer()) {
            push(accepted.data(), meshHash, -1);
            return;
        }
        Judging judged = judged(accepted.from());
        boolean allHaveIt = judged == null || judged.asked() || judged.meshHash() == meshHash;
        if (!allHaveIt) {
            push(accepted.data(), 0, judged.link());
        }
    }

    private void push(Data data, long hash, int except) {
        Message.Push push = new Message.Push(data, hash, false);
        for (Link link : peers.values()) {
            if (link.number != except && !link.peerFull) {
                out.count(PUSHED);
                out.send(link.number, push);
            }
        }
    }

    /** The record this event is about, which is no longer under judgement; null if unknown. */
    private Judging judged(Source from) {
        Judging judged = judging.remove(from.ticket());
        if (judged != null) {
            judgingBytes -= cost(judged.data());
            Link link = links.get(judged.link());
            if (link != null) {
                link.judging--;
            }
        }
        return judged;
    }

    private void onRefused(Event.Refused rejected, Now now) {
        if (!rejected.from().isPeer()) {
            return;
        }
        Judging judged = judged(rejected.from());
        if (judged == null) {
            return;
        }
        Link link = links.get(judged.link());
        switch (rejected.why()) {
            case LOST -> answerWithWinner(link, rejected.data());
            case INVALID -> onFault(link, rejected.data(), now);
            case EXPIRED, FUTURE -> remember(rejected.data(), now);
            default -> { }
        }
    }

    private void answerWithWinner(Link link, Data loser) {
        Optional<Data> winner = store.get(loser.id());
        if (link != null && winner.isPresent()) {
            out.send(link.number, new Message.Push(winner.get(), meshHash, false));
        }
    }

    private void remember(Data data, Now now) {
        Hash128 hash = store.hash(data);
        refused.add(hash, now.steadyMs() + REFUSED_MS);
    }

    private void onFault(Link link, Data data, Now now) {
        remember(data, now);
        if (link == null || ++link.faults < MAX_FAULTS) {
            return;
        }
        out.count(SHUT_OUT);
        shutOutUntilMs.put(link.node(), now.steadyMs() + SHUT_OUT_MS);
        if (shutOutUntilMs.size() > MAX_SHUT_OUT) {
            shutOutUntilMs.remove(shutOutUntilMs.keySet().iterator().next());
        }
        NodeId node = link.node();
        refuse(link, "sent " + MAX_FAULTS + " invalid records, shut out for "
                + SHUT_OUT_MS / 1_000 + " s", now);
        peers.remove(node);
        meshHash = computeMeshHash();
    }

    /** Compares the store with two peers, so that what pushes and rounds missed arrives. */
    private void onInterval() {
        healthSaid = "";
        List<Link> all = new ArrayList<>(peers.values());
        for (int i = 0; i < 2 && !all.isEmpty(); i++) {
            repair.want(all.remove(random.nextInt(all.size())).number, false);
        }
    }

    private void onMissed(Input.Missed missed, Now now) {
        out.warn(missed.count() + " events were lost under load; repair brings them over");
        judging.clear();
        judgingBytes = 0;
        for (Link link : peers.values()) {
            link.judging = 0;
            sayBehind(link.number, now);
            repair.want(link.number, false);
        }
    }

    private void sayBehind(int number, Now now) {
        Link link = links.get(number);
        if (link == null || !link.up()) {
            return;
        }
        link.behindWanted = now.steadyMs() - link.behindSaidMs < BEHIND_MS;
        if (!link.behindWanted) {
            link.behindSaidMs = now.steadyMs();
            out.send(number, new Message.Behind());
        }
    }

    private void onLeave() {
        leaving = true;
        for (Link link : List.copyOf(links.values())) {
            if (link.up()) {
                out.send(link.number, new Message.Bye("stopped"));
            }
            out.add(new Output.Close(link.number));
        }
        links.clear();
        peers.clear();
    }
}
