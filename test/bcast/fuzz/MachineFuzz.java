package bcast.fuzz;

import bcast.cluster.gossip.link.Address;
import bcast.cluster.gossip.link.Input;
import bcast.cluster.gossip.link.LinkMessage;
import bcast.cluster.gossip.link.LinkRole;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Neighbours;
import bcast.cluster.gossip.link.NodeId;
import bcast.cluster.net.RawLink;
import bcast.data.Data;
import bcast.data.SipHash;
import bcast.eventbus.Event;
import bcast.eventbus.Source;
import bcast.testing.News;
import bcast.testing.TestClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Mutated frames at the codec and the state machine: from strangers that speak all types of
 * messages and send back what they heard, and from an honest node whose frames are spoiled on
 * their way, so that rounds and trees are reached in the middle of what they do. All in virtual
 * time and in one thread, so a seed replays.
 */
final class MachineFuzz {

    /** What the heap may grow by, garbage left out, from the first tenth on. */
    static final long MAX_GROWTH_BYTES = 1 << 20;

    /** Entries of any one collection of the state machine, those of all links summed up. */
    private static final int MAX_ENTRIES = 16_384;

    /** What the state machine keeps of links that are gone; each is bounded. */
    private static final Set<String> REMEMBERED = Set.of("AddressBook.entries",
            "LoggedTexts.texts", "Hearsay.walks", "Refusals.untilMs", "Judging.overtaken");
    /** What shows that the depths of the protocol were reached. */
    private static final List<String> REACHED = List.of("bcast_sync_rounds_different_total",
            "bcast_sync_means_total{means=\"all_records\"}",
            "bcast_sync_means_total{means=\"large_sketch\"}",
            "bcast_sync_means_total{means=\"buckets\"}", "bcast_grafts_total",
            "bcast_tree_parent_changes_total",
            "bcast_links_closed_total{reason=\"neighbours_enough\"}", "bcast_visits_total",
            "bcast_links_closed_total{reason=\"faults\"}", "bcast_sync_questions_dropped_total");
    private static final SipHash OTHER_KEY = new SipHash(3, 4);
    private static final long QUIET_MS = 10_000;
    private static final Set<String> STATE = Set.of("bcast.cluster.gossip",
            "bcast.cluster.gossip.link", "bcast.cluster.gossip.overlay",
            "bcast.cluster.gossip.spread", "bcast.cluster.gossip.repair", "bcast.base");
    private static final long EPOCH_MS = 1_700_000_000_000L;
    private static final int CHECK_EVERY = 1_000;
    private static final int TWIN_LIVES = 20_000;
    private static final int MAX_STRANGERS = 150;
    private static final int MAX_FRAMES_A_LINK = 200;
    /** More than is answered of one peer in a second. */
    private static final int FLOOD = 600;
    private static final int MAX_HEX_CHARS = 2_000;

    private final long seed;
    private final int frames;
    private final Random random;
    private final Mutator mutator;
    private final Values values;
    private final TestClock clock = TestClock.standing(EPOCH_MS);
    private final RawLink.Writer writer = new RawLink.Writer();
    private final Host host;
    private Host twin;
    private final List<Host.Link> strangers = new ArrayList<>();
    /** What is on its way between the host and its twin. */
    private final Deque<Runnable> wire = new ArrayDeque<>();
    private final Map<String, Integer> largest = new TreeMap<>();
    private final Map<Class<?>, Integer> sent = new LinkedHashMap<>();
    private byte[] last = {};
    private byte[] lastFed = {};
    private long mutated;
    private long links;
    private long twinMutated;
    private long sweepDueMs;
    private int wanted = 20;

    MachineFuzz(long seed, int frames) {
        this.seed = seed;
        this.frames = frames;
        this.random = Seeds.of(seed, 0);
        this.mutator = new Mutator(random);
        this.values = new Values(random, clock::wallMs);
        this.host = new Host(clock, Seeds.of(seed, 1));
        values.kinds().forEach(kind -> sent.put(kind, 0));
        values.know(host.node);
    }

    /** Runs all frames. Returns the row of the report. */
    Map<String, Object> run() {
        long early = 0;
        try {
            while (mutated < frames) {
                step();
                if (early == 0 && mutated >= frames / 10) {
                    early = quiet();
                }
            }
            long late = quiet();
            check(late - early <= MAX_GROWTH_BYTES, "the heap grew by " + (late - early)
                    + " bytes since the first tenth");
            return row(early, late);
        } catch (RuntimeException | Error e) {
            throw new AssertionError("machine: SEED=" + seed + ", frame " + mutated + ", "
                    + hex(lastFed), e);
        }
    }

    private static String hex(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes);
        return hex.length() <= MAX_HEX_CHARS ? hex : hex.substring(0, MAX_HEX_CHARS) + "...";
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private Map<String, Object> row(long early, long late) {
        Map.Entry<String, Integer> most = largest.entrySet().stream()
                .max(Map.Entry.comparingByValue()).orElseThrow();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("what", "codec and state machine");
        row.put("seed", seed);
        row.put("mutated frames", mutated);
        row.put("of an honest node's", twinMutated);
        row.put("links", links);
        row.put("messages that passed the codec", host.messages);
        row.put("links that broke the protocol", host.broke);
        row.put("fewest of a type", sent.values().stream().min(Integer::compare).orElseThrow());
        row.put("heap after a tenth, KiB", early >> 10);
        row.put("heap in the end, KiB", late >> 10);
        REACHED.forEach(name -> row.put(name, host.counts.getOrDefault(name, 0L)));
        row.put("largest collection", most.getKey() + " " + most.getValue());
        return row;
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    // ---- one step

    private void step() {
        passTime();
        traffic();
        if (twin == null || mutated / TWIN_LIVES != (mutated + 1) / TWIN_LIVES) {
            newTwin();
        }
        if (strangers.size() < wanted) {
            stranger(Optional.empty());
        }
        Host.Link link = strangers.get(random.nextInt(strangers.size()));
        if (host.links.get(link.number) != link || link.frames >= MAX_FRAMES_A_LINK) {
            host.closed(link, "the other side closed it");
            strangers.remove(link);
        } else {
            speak(link);
        }
        if (random.nextInt(4) > 0) {
            host.takeEvents();
        }
        if (!strangers.isEmpty() && random.nextInt(30) == 0) {
            happen();
        }
        if (mutated % CHECK_EVERY == 0) {
            checkBounds();
        }
    }

    private void passTime() {
        clock.advance(random.nextInt(20));
        if (random.nextInt(2_000) == 0) {
            // The node stood still.
            clock.advance(random.nextInt(20_000));
        }
        tick(host);
        if (twin != null) {
            tick(twin);
        }
        if (clock.steadyMs() >= sweepDueMs) {
            sweepDueMs = clock.steadyMs() + 500;
            host.store.sweep();
        }
    }

    private void tick(Host each) {
        if (clock.steadyMs() >= each.gossip.deadlineMs()) {
            each.handle(new Input.Tick());
        }
    }

    // ---- strangers

    private static final Host.Peer NOBODY = new Host.Peer() {
        @Override
        public void sent(byte[] frames) {}

        @Override
        public void ended() {}
    };

    private void stranger(Optional<Address> dialled) {
        links++;
        Host.Link link = host.open(dialled, random.nextInt(4) == 0 ? "127.0.0.1"
                : "10.0." + random.nextInt(256) + ".7",
                random.nextInt(8) == 0 ? OTHER_KEY : News.KEY, NOBODY);
        strangers.add(link);
        if (random.nextInt(20) > 0) {
            feed(link, writer.bytes(hello()));
        }
    }

    private LinkMessage.Hello hello() {
        LinkRole[] roles = LinkRole.values();
        NodeId node = random.nextInt(10) == 0 ? values.anyNode() : values.node();
        if (random.nextInt(10) == 0) {
            values.know(node);
        }
        return new LinkMessage.Hello(1, 1, Host.CLUSTER, node, values.address(), 8_081,
                values.address(), clock.wallMs() + random.nextInt(200) - 100,
                Host.RETENTION_MS, "md5", roles[random.nextInt(roles.length)]);
    }

    private void speak(Host.Link link) {
        // Each prefers one type, as only many of one kind get some things going.
        Class<? extends Message> kind = values.kinds().get(random.nextBoolean()
                ? link.number / 3 % values.kinds().size() : random.nextInt(values.kinds().size()));
        sent.merge(kind, 1, Integer::sum);
        byte[] frame = writer.bytes(values.message(kind));
        if (!link.echoes.isEmpty() && random.nextInt(4) == 0) {
            frame = link.echoes.get(random.nextInt(link.echoes.size()));
        }
        // Some are so gentle that their links live long.
        byte[] spoiled = link.number % 3 == 0 ? mutator.overwriteInFrame(frame)
                : mutator.mutateFrame(frame, last);
        last = frame;
        mutated++;
        feed(link, spoiled);
        if (random.nextInt(20) == 0) {
            feed(link, spoiled);
        } else if (random.nextInt(1_000) == 0) {
            for (int i = 0; i < FLOOD; i++) {
                feed(link, frame);
            }
        }
    }

    private void feed(Host.Link link, byte[] bytes) {
        lastFed = bytes;
        host.arrived(link, bytes, random.nextInt(8) == 0 ? 1 + random.nextInt(16) : 8 * 1024);
    }

    /** Something besides frames happens. */
    private void happen() {
        switch (random.nextInt(11)) {
            case 10 -> host.handle(new Input.Happened(new Event.KeysChanged()));
            case 0 -> host.handle(new Input.Announced(values.anyNode(), values.address()));
            case 1 -> host.handle(new Input.Resolved(List.of(values.address())));
            case 2 -> host.handle(new Input.Missed(1));
            case 3 -> host.core.broadcast();
            case 4 -> host.handle(new Input.Overflowed(
                    strangers.get(random.nextInt(strangers.size())).number,
                    random.nextBoolean() ? Optional.of(values.data()) : Optional.empty()));
            case 5 -> wanted = 1 + random.nextInt(random.nextInt(10) == 0 ? MAX_STRANGERS : 30);
            case 6, 7 -> post(host);
            default -> post(twin);
        }
        answerDials();
        // A link ends without a word.
        Host.Link link = strangers.get(random.nextInt(strangers.size()));
        if (random.nextInt(4) == 0) {
            host.closed(link, "reset");
        }
    }

    private void post(Host to) {
        String raw = "news " + random.nextInt();
        Data data = News.data("id" + random.nextInt(2_000), raw, 0);
        to.core.deliver(data, Source.CLIENT);
        to.takeEvents();
        to.store.get(data.id()).ifPresent(held -> {
            values.know(held.hash(News.KEY));
            if (random.nextBoolean()) {
                to.handle(new Input.Happened(new Event.Confirm(held, true)));
            }
        });
    }

    private void answerDials() {
        for (Address address = host.dials.poll(); address != null; address = host.dials.poll()) {
            if (strangers.size() < MAX_STRANGERS && random.nextInt(3) == 0) {
                stranger(Optional.of(address));
            } else {
                host.handle(new Input.DialFailed(address, "nobody is there"));
            }
        }
        for (Address address = twin.dials.poll(); address != null; address = twin.dials.poll()) {
            twin.handle(new Input.DialFailed(address, "nobody is there"));
        }
    }

    // ---- an honest node

    private void newTwin() {
        if (twin != null) {
            List.copyOf(twin.links.values()).forEach(link -> twin.closed(link, "it ends"));
        }
        twin = new Host(clock, Seeds.of(seed, 2 + mutated));
        values.know(twin.node);
    }

    /** One end of a link between the two: what it sends comes to the other, if not as it was. */
    private final class Spoiler implements Host.Peer {
        private final Host to;
        private Host.Link other;

        Spoiler(Host to) {
            this.to = to;
        }

        @Override
        public void sent(byte[] frames) {
            wire.add(() -> {
                byte[] bytes = frames;
                if (random.nextInt(to == host ? 6 : 24) == 0) {
                    bytes = mutator.mutateFrame(frames, last);
                    if (to == host) {
                        mutated++;
                        twinMutated++;
                    }
                }
                lastFed = bytes;
                to.arrived(other, bytes, 8 * 1024);
            });
        }

        @Override
        public void ended() {
            wire.add(() -> to.closed(other, "the other side closed it"));
        }
    }

    private void linkTwin() {
        links++;
        boolean dials = random.nextBoolean();
        Optional<Address> address = Optional.of(new Address("10.1.1.1", 4_000));
        Spoiler toTwin = new Spoiler(twin);
        Spoiler toHost = new Spoiler(host);
        // Who is dialled has to be there before the other greets.
        if (dials) {
            toHost.other = host.open(Optional.empty(), "10.1.1.1", News.KEY, toTwin);
            toTwin.other = twin.open(address, "10.1.1.2", News.KEY, toHost);
        } else {
            toTwin.other = twin.open(Optional.empty(), "10.1.1.2", News.KEY, toHost);
            toHost.other = host.open(address, "10.1.1.1", News.KEY, toTwin);
        }
    }

    /** Some of what is on its way arrives. */
    private void traffic() {
        if (twin != null && twin.links.size() < 2 && random.nextInt(20) == 0) {
            linkTwin();
        }
        for (int i = random.nextInt(24); i > 0 && !wire.isEmpty(); i--) {
            wire.poll().run();
        }
        if (twin != null) {
            twin.takeEvents();
        }
    }

    // ---- what must hold

    private void checkBounds() {
        host.takeEvents();
        check(host.gossip.judgingBytes() == 0, "judged, but still under judgement");
        check(host.store.bytes() <= Host.STORE_BYTES, "the store has " + host.store.bytes());
        int members = host.gossip.members(host.now()).members().size();
        check(members <= Neighbours.MAX_LINKS + 256, members + " members");
        Sizes.of(host.gossip, STATE).forEach((name, size) -> {
            largest.merge(name, size, Math::max);
            check(size <= MAX_ENTRIES, name + " has " + size + " entries");
        });
    }

    /**
     * Closes all links and lets all records expire: nothing may be left but what is remembered on
     * purpose. Returns the bytes of heap in use.
     */
    private long quiet() {
        if (twin != null) {
            List.copyOf(twin.links.values()).forEach(link -> twin.closed(link, "the end"));
        }
        twin = null;
        List.copyOf(host.links.values()).forEach(link -> host.closed(link, "the end"));
        strangers.clear();
        wire.clear();
        host.takeEvents();
        long end = clock.steadyMs() + Host.RETENTION_MS + Host.SKEW_MS + QUIET_MS;
        while (clock.steadyMs() < end) {
            clock.advance(100);
            host.handle(new Input.Tick());
            List.copyOf(host.dials).forEach(each ->
                    host.handle(new Input.DialFailed(each, "nobody is there")));
            host.dials.clear();
        }
        host.store.sweep();
        check(host.store.size() == 0, "records do not expire");
        Sizes.of(host.gossip, STATE).forEach((name, size) ->
                check(size == 0 || REMEMBERED.contains(name), "without links and records " + name
                        + " still has " + size + " entries"));
        return usedBytes();
    }
}
