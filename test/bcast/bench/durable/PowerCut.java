package bcast.bench.durable;

import bcast.testing.Await;
import bcast.testing.NodeProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a power failure would leave, as far as that can be told without one: a node is traced under
 * load, and for moments of chance the directory is built as the disk must have had it then, that
 * is with nothing but what was synced, followed by nothing, zeroes or noise. A node started on that
 * must have what was acknowledged by then, or with {@code -fsync=interval} a second before. It
 * takes for granted that a disk keeps what it confirmed.
 */
public final class PowerCut implements Proof.Part {

    private static final int CUTS = 20;
    private static final int LOAD_MS = 6_000;
    /** A node's first moments, in which it compiles itself, tell little. */
    private static final int WARM_UP_MS = 1_500;
    /** Of the journal, between syncs. */
    private static final long INTERVAL_US = 1_000_000;
    /** A thread may wake late on a busy machine. */
    private static final long TOLERANCE_US = 500_000;
    private static final int LONGEST_TAIL = 100_000;
    /** Large, so that the journal begins a second file and more. */
    private static final int LARGEST_BATCH = 500;

    private final String fsync;
    private final String faults;
    private final long boundUs;
    private final Book book = new Book();
    private Random random;
    private Path dir;

    /**
     * A node whose disk works, or fails at times.
     *
     * @param faults which syncs fail, as strace wants it said; or nothing
     */
    public PowerCut(String fsync, String faults) {
        this.fsync = fsync;
        this.faults = faults;
        this.boundUs = fsync.equals("always") ? 0 : INTERVAL_US + TOLERANCE_US;
    }

    @Override
    public void run(Proof proof) throws Exception {
        if (!strace()) {
            proof.row("power cut, -fsync=" + fsync, "skipped", "needs strace that may trace");
            return;
        }
        random = proof.random("power " + fsync + faults);
        dir = Proof.folder("power-" + fsync + "/data");
        Path prefix = dir.resolveSibling("trace");
        long beganUs = Book.nowUs();
        long endUs = loaded(prefix);
        Trace trace = Trace.read(prefix, dir);
        Cuts cuts = new Cuts();
        for (int i = 0; i < CUTS; i++) {
            long fromUs = beganUs + WARM_UP_MS * 1_000L;
            cuts.add(trace, fromUs + (long) (random.nextDouble() * (endUs - fromUs)), i);
        }
        double waitMs = trace.longestWaitUs(endUs) / 1e3;
        proof.row("power cut" + (faults.isEmpty() ? "" : " of a disk that fails") + ", -fsync="
                + fsync, "acknowledged", book.size(), "files", trace.files().size(),
                "MiB written", trace.bytes() / (double) (1 << 20), "syncs", trace.syncs(),
                "syncs that failed", trace.failedSyncs(),
                "longest from write to sync, ms", faults.isEmpty() ? waitMs : "does not apply",
                "cuts", CUTS, "acknowledged by the cuts", cuts.acknowledged,
                "of these gone", cuts.gone,
                "the oldest of them, ms before the cut", cuts.oldestUs / 1e3,
                "older than promised", cuts.tooOld, "wrong", book.wrong());
        proof.require(cuts.acknowledged > 0 && cuts.tooOld == 0 && book.wrong() == 0,
                "a power cut loses more than -fsync=" + fsync + " says");
        proof.require(faults.isEmpty() == (trace.failedSyncs() == 0), "syncs failed by accident");
        // What is in a file whose sync failed is written again to another.
        proof.require(!faults.isEmpty() || waitMs * 1e3 <= INTERVAL_US + TOLERANCE_US,
                "what was written was not synced for " + waitMs + " ms");
    }

    private static boolean strace() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "--seccomp-bpf", "-f", "-o", "/dev/null", "true")
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start().waitFor() == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    /** Runs a node under load until it is killed. Returns when that was. */
    private long loaded(Path prefix) throws Exception {
        List<String> command = new ArrayList<>(Trace.command(prefix, faults));
        command.addAll(Nodes.command("-datadir=" + dir, "-fsync=" + fsync));
        try (NodeProcess strace = NodeProcess.command(command)) {
            ProcessHandle node = ProcessHandle.of(strace.pid()).orElseThrow().children()
                    .findFirst().orElseThrow();
            try {
                Load load = new Load(book, "id", random).batches(LARGEST_BATCH);
                load.start(strace.httpPort());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOAD_MS));
                node.destroyForcibly();
                long endUs = Book.nowUs();
                load.join();
                return endUs;
            } finally {
                node.destroyForcibly();
                Await.until("strace has written all", 20, () -> !ProcessHandle.of(strace.pid())
                        .map(ProcessHandle::isAlive).orElse(false));
            }
        }
    }

    /** What came of all cuts. */
    private final class Cuts {
        private int acknowledged;
        private int gone;
        private int tooOld;
        private long oldestUs;

        void add(Trace trace, long atUs, int number) throws Exception {
            Path image = Proof.folder("power-" + fsync + "/image");
            for (String name : trace.files()) {
                copy(image, name, trace.durable(dir.resolve(name), atUs), number);
            }
            try (NodeProcess node = Nodes.start(image, "never")) {
                Set<String> listed = book.listed(node.client());
                for (Map.Entry<String, Long> each : book.times().entrySet()) {
                    count(atUs - each.getValue(), listed.contains(each.getKey()));
                }
            }
        }

        private void count(long ageUs, boolean there) {
            if (ageUs < 0) {
                return;
            }
            acknowledged++;
            if (!there) {
                gone++;
                tooOld += ageUs > boundUs ? 1 : 0;
                oldestUs = Math.max(oldestUs, ageUs);
            }
        }
    }

    /** Copies what is durable of a file; what was not may be missing, unwritten or anything. */
    private void copy(Path image, String name, long durable, int number) throws IOException {
        if (durable < 0) {
            return;
        }
        byte[] all = Files.readAllBytes(dir.resolve(name));
        try (OutputStream out = Files.newOutputStream(image.resolve(name))) {
            out.write(Arrays.copyOf(all, (int) durable));
            byte[] tail = new byte[(int) Math.min(all.length - durable, LONGEST_TAIL)];
            if (number % 3 == 2) {
                random.nextBytes(tail);
            }
            if (number % 3 > 0) {
                out.write(tail);
            }
        }
    }
}
