package bcast.bench.durable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What strace saw a node ask of the journal's disk, and so what that disk must have at any moment:
 * of a file only what was written before a sync of it that had returned by then, and nothing of a
 * file whose directory was not synced since it was made. Times are in microseconds since 1970, as
 * of clients: both take them from the same clock, and strace sees a call's end before the node.
 */
final class Trace {

    /** One call; its result is -1 if it failed. */
    private record Call(long beganUs, long endedUs, String name, String path, long result) {
        boolean failed() {
            return result < 0;
        }
    }

    private static final Pattern LINE = Pattern.compile("(\\d+)\\.(\\d{6}) (\\w+)\\("
            + "(?:\\d+|AT_FDCWD)<([^>]*)>.*\\) += (-1|\\d+)(?:<([^>]*)>)?[^<]* "
            + "<(\\d+)\\.(\\d{6})>");

    private final List<Call> calls;

    private Trace(List<Call> calls) {
        this.calls = calls;
    }

    /**
     * The command that traces another; each of its threads writes a file of its own.
     *
     * @param faults which syncs of a thread are to fail, as strace wants it said; or nothing
     */
    static List<String> command(Path prefix, String faults) {
        List<String> command = new ArrayList<>(List.of("strace", "-ff", "--seccomp-bpf",
                "-ttt", "-T", "-y", "-s", "0", "-o", prefix.toString(),
                "-e", "trace=openat,write,pwrite64,fsync,fdatasync"));
        if (!faults.isEmpty()) {
            command.addAll(List.of("-e", "inject=fsync:error=EIO:when=" + faults));
        }
        return command;
    }

    /** Reads what strace wrote of a node that keeps news in a directory. */
    static Trace read(Path prefix, Path dir) throws IOException {
        List<Call> calls = new ArrayList<>();
        try (Stream<Path> files = Files.list(prefix.getParent())) {
            for (Path file : files.filter(each -> each.getFileName().toString()
                    .startsWith(prefix.getFileName() + ".")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    add(line, dir, calls);
                }
            }
        }
        calls.sort(Comparator.comparingLong(Call::beganUs));
        return new Trace(calls);
    }

    private static void add(String line, Path dir, List<Call> calls) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            return;
        }
        String name = parts.group(3);
        String path = name.equals("openat") ? parts.group(6) : parts.group(4);
        boolean opensOnly = name.equals("openat") && !line.contains("O_CREAT");
        boolean journals = path != null && (path.equals(dir.toString())
                || path.startsWith(dir + "/") && path.endsWith(".journal"));
        if (!journals || opensOnly) {
            return;
        }
        if (name.equals("pwrite64")) {
            throw new AssertionError("a journal that only appends does not " + line);
        }
        long beganUs = us(parts.group(1), parts.group(2));
        calls.add(new Call(beganUs, beganUs + us(parts.group(7), parts.group(8)), name, path,
                Long.parseLong(parts.group(5))));
    }

    private static long us(String seconds, String micros) {
        return Long.parseLong(seconds) * 1_000_000 + Long.parseLong(micros);
    }

    /** The names of the journal's files. */
    Set<String> files() {
        return calls.stream().filter(call -> call.name.equals("openat"))
                .map(call -> Path.of(call.path).getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** How many syncs failed. */
    long failedSyncs() {
        return calls.stream().filter(call -> call.name.endsWith("sync") && call.failed())
                .count();
    }

    /** How many syncs of files there were. */
    long syncs() {
        return calls.stream().filter(Trace::syncsFile).count();
    }

    private static boolean syncsFile(Call call) {
        return call.name.endsWith("sync") && !call.failed() && call.path.endsWith(".journal");
    }

    /** How many bytes of a file the disk must have at a moment; -1 if not even its name. */
    long durable(Path file, long atUs) {
        long madeUs = calls.stream().filter(call -> call.name.equals("openat")
                && call.path.equals(file.toString())).mapToLong(Call::endedUs).min().orElseThrow();
        boolean named = calls.stream().anyMatch(call -> call.name.endsWith("sync")
                && !call.failed() && call.path.equals(file.getParent().toString())
                && call.beganUs >= madeUs && call.endedUs <= atUs);
        if (!named) {
            return -1;
        }
        long written = 0;
        long durable = 0;
        for (Call call : calls) {
            if (!call.path.equals(file.toString()) || call.endedUs > atUs) {
                continue;
            }
            if (call.name.endsWith("sync") && call.failed()) {
                // What the disk has of it now nobody knows, whatever later syncs say.
                return durable;
            }
            written += call.name.equals("write") ? Math.max(0, call.result) : 0;
            durable = syncsFile(call) ? written : durable;
        }
        return durable;
    }

    /**
     * The longest time from the end of a write to the end of a sync that covers it; a write that no
     * sync follows counts up to the node's end.
     */
    long longestWaitUs(long endUs) {
        long longest = 0;
        for (int i = 0; i < calls.size(); i++) {
            Call write = calls.get(i);
            if (write.name.equals("write")) {
                long coveredUs = calls.subList(i, calls.size()).stream()
                        .filter(call -> syncsFile(call) && call.path.equals(write.path))
                        .mapToLong(Call::endedUs).findFirst().orElse(endUs);
                longest = Math.max(longest, coveredUs - write.endedUs);
            }
        }
        return longest;
    }

    /** Bytes written. */
    long bytes() {
        return calls.stream().filter(call -> call.name.equals("write"))
                .mapToLong(call -> Math.max(0, call.result)).sum();
    }
}
