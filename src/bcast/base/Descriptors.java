package bcast.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Divides the open files that the system allows this process (RLIMIT_NOFILE, {@code ulimit -n})
 * between clients' connections, links and everything else. A process that has reached the limit
 * cannot accept connections, its selectors spin, and the journal cannot create a file.
 *
 * @param limit open files allowed; {@link Long#MAX_VALUE} if unknown or unlimited
 */
public record Descriptors(long limit) {

    /**
     * Open files for everything but connections and links. An idle node has 20, selectors, ports
     * and the journal included; the rest is for multicast, name lookups, files of keys, and the
     * connection that the JDK's server accepts only to close it.
     */
    public static final int RESERVED = 64;

    /** Below this limit a node does not start: 48 clients and 16 links would not be left. */
    public static final int MIN_LIMIT = RESERVED + 64;

    /** Of four parts of the files that are not reserved, clients get three and links one. */
    private static final int PARTS = 4;

    private static final Pattern OPEN_FILES = Pattern.compile("Max open files +(\\d+) .*");

    /** {@return the limit of this process, which is known on Linux only} */
    public static Descriptors ofProcess() {
        try {
            return of(Files.readAllLines(Path.of("/proc/self/limits")));
        } catch (IOException e) {
            // Another system than Linux.
            return of(List.of());
        }
    }

    static Descriptors of(List<String> limits) {
        for (String line : limits) {
            Matcher openFiles = OPEN_FILES.matcher(line);
            if (openFiles.matches()) {
                return new Descriptors(Long.parseLong(openFiles.group(1)));
            }
        }
        return new Descriptors(Long.MAX_VALUE);
    }

    /**
     * {@return the limit of clients' connections on this machine}
     *
     * @param most the limit if there are enough descriptors
     */
    public int clients(int most) {
        return share(PARTS - 1, most);
    }

    /**
     * {@return the limit of links' sockets on this machine}
     *
     * @param most the limit if there are enough descriptors
     */
    public int links(int most) {
        return share(1, most);
    }

    private int share(int parts, int most) {
        long free = Math.min(Integer.MAX_VALUE, Math.max(PARTS, limit - RESERVED));
        return (int) Math.min(most, free * parts / PARTS);
    }

    /**
     * {@return how to raise the limit, for the end of a message}
     *
     * @param wanted open files to allow
     */
    public static String advice(long wanted) {
        return String.format(Locale.ROOT, "raise the limit, by ulimit -n %d or by LimitNOFILE=%d"
                + " in a systemd unit", wanted, wanted);
    }

    /**
     * {@return the limit that suffices for both}
     *
     * @param clients connections of clients
     * @param links sockets of links
     */
    public static long wanted(int clients, int links) {
        return RESERVED + Math.max(PARTS * (long) links,
                (PARTS * (long) clients + PARTS - 2) / (PARTS - 1));
    }
}
