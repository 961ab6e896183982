package bcast.bench.durable;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.data.Data;
import bcast.storage.MapStorage;
import bcast.storage.journal.Journal;
import bcast.testing.News;
import bcast.testing.SeededRandom;
import bcast.testing.Stores;
import bcast.testing.TestClock;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A journal's file is damaged in many ways, and read. A record may be lost only if a byte of its
 * own frame is not as it was written, and nothing may be read that was never written.
 */
public final class Damage implements Proof.Part {

    private static final long DAY_MS = 24 * 3_600_000L;
    private static final long SKEW_MS = 300_000;
    private static final long NOW = 1_700_000_000_000L;
    private static final int RECORDS = 200;
    private static final int LONGEST_RAW = 500;
    private static final int TIMES = 1_000;
    private static final int LONGEST_RUN = 4_096;
    private static final int HEAD_BYTES = 12;

    private final Clock clock = TestClock.standing(NOW);
    private final List<Data> written = new ArrayList<>();
    /** Where each record's frame ends. */
    private final List<Integer> ends = new ArrayList<>();
    private Random random;
    private Context context;
    private Path dir;
    private Path file;
    private byte[] whole;

    /** What came of one kind of damage. */
    private final class Tally {
        private final String what;
        private int times;
        private int lost;
        private int most;
        private int beyond;
        private int invented;

        Tally(String what) {
            this.what = what;
        }

        /** Reads damaged bytes; what is of frames that are whole must be there. */
        void take(byte[] damaged) throws Exception {
            Files.write(file, damaged);
            Set<Data> read = new HashSet<>(read().list());
            times++;
            int lostNow = 0;
            int from = 0;
            for (int i = 0; i < written.size(); i++) {
                int to = ends.get(i);
                boolean sound = to <= damaged.length
                        && Arrays.equals(whole, from, to, damaged, from, to);
                boolean there = read.remove(written.get(i));
                lostNow += there ? 0 : 1;
                beyond += sound && !there ? 1 : 0;
                from = to;
            }
            invented += read.size();
            lost += lostNow;
            most = Math.max(most, lostNow);
        }

        void row(Proof proof) {
            proof.row(what, "times", times, "records", RECORDS, "records lost", lost,
                    "most at once", most, "lost though whole", beyond,
                    "read though never written", invented);
            proof.require(beyond == 0 && invented == 0, what + " cost more than what it hit");
        }
    }

    @Override
    public void run(Proof proof) throws Exception {
        random = proof.random("damage");
        SecureRandom salts = new SeededRandom(random.nextLong());
        context = new Context(clock, salts, new Log(Log.Level.ERROR, clock, line -> { }),
                new Counters(), (thread, e) -> { });
        dir = Proof.folder("damage");
        write();
        Tally flips = new Tally("a byte flipped");
        Tally runs = new Tally("up to " + LONGEST_RUN + " bytes zeroed");
        Tally noise = new Tally("up to " + LONGEST_RUN + " bytes of noise");
        for (int i = 0; i < TIMES; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(whole.length)] ^= (byte) (1 + random.nextInt(255));
            flips.take(damaged);
            runs.take(hit(new byte[1 + random.nextInt(LONGEST_RUN)]));
            byte[] bytes = new byte[1 + random.nextInt(LONGEST_RUN)];
            random.nextBytes(bytes);
            noise.take(hit(bytes));
        }
        Tally cuts = new Tally("cut at each byte of the last record");
        for (int at = ends.get(RECORDS - 2); at < whole.length; at++) {
            cuts.take(Arrays.copyOf(whole, at));
        }
        Tally anywhere = new Tally("cut anywhere");
        for (int i = 0; i < TIMES; i++) {
            anywhere.take(Arrays.copyOf(whole, random.nextInt(whole.length)));
        }
        proof.require(flips.lost == TIMES && flips.most == 1, "a flipped byte went unnoticed");
        proof.require(cuts.lost == cuts.times, "a record that was cut was read");
        for (Tally each : List.of(flips, runs, noise, cuts, anywhere)) {
            each.row(proof);
        }
    }

    private byte[] hit(byte[] bytes) {
        byte[] damaged = whole.clone();
        int at = random.nextInt(whole.length);
        System.arraycopy(bytes, 0, damaged, at, Math.min(bytes.length, whole.length - at));
        return damaged;
    }

    private MapStorage storage() {
        return Stores.map(DAY_MS, SKEW_MS, 1 << 28, context);
    }

    private Journal journal(MapStorage storage) throws Exception {
        return new Journal(dir, Journal.Sync.NEVER, storage, SKEW_MS, context);
    }

    private MapStorage read() throws Exception {
        MapStorage storage = storage();
        try (Journal journal = journal(storage)) {
            journal.load(Optional::of);
        }
        return storage;
    }

    private void write() throws Exception {
        MapStorage storage = storage();
        try (Journal journal = journal(storage)) {
            journal.load(Optional::of);
            journal.start();
            for (int i = 0; i < RECORDS; i++) {
                written.add(News.data("id" + i, "r".repeat(1 + random.nextInt(LONGEST_RAW)),
                        NOW + i));
                storage.merge(written.get(i));
            }
            journal.await(storage.lastArrival()).ifPresent(why -> {
                throw new IllegalStateException(why);
            });
        }
        try (Stream<Path> all = Files.list(dir)) {
            file = all.filter(path -> path.toString().endsWith(".journal")).findFirst()
                    .orElseThrow();
        }
        whole = Files.readAllBytes(file);
        ByteBuffer heads = ByteBuffer.wrap(whole);
        for (int at = 0; at < whole.length;) {
            at += HEAD_BYTES + heads.getInt(at);
            ends.add(at);
        }
    }
}
