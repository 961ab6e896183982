package bcast.http.server;

import bcast.base.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes written to each client that it has not acknowledged, read from Linux's
 * {@code /proc/net/tcp} (proc(5)). A blocked write returns only when a third of the socket's buffer
 * is free, often a megabyte, so it does not distinguish a slow client from one that reads nothing.
 * Other systems have no such file, and all queues are unknown there. Belongs to the watchdog's
 * thread.
 */
final class SendQueues {

    /** The tables are read at most once in this time, however many clients are slow. */
    static final long FRESH_MS = 1_000;

    private static final List<Path> TABLES =
            List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final int WORD_DIGITS = 8;

    /** A line: its number, the local address, the remote one, the state, and the queue. */
    private final Pattern entry;
    private final Clock clock;
    /** Null until it is read. */
    private Map<InetSocketAddress, Long> queues;
    private long readMs;

    /** Of connections to this port. */
    SendQueues(int port, Clock clock) {
        this.entry = Pattern.compile(String.format(Locale.ROOT,
                " *\\d+: \\w+:%04X (\\w+:\\w+) \\w+ (\\w+):.*", port));
        this.clock = clock;
    }

    /** Bytes that a client has not acknowledged, if that is known. */
    OptionalLong waiting(InetSocketAddress client) {
        long now = clock.steadyMs();
        if (queues == null || now - readMs >= FRESH_MS) {
            queues = readAll();
            readMs = now;
        }
        Long bytes = queues.get(client);
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    private Map<InetSocketAddress, Long> readAll() {
        Map<InetSocketAddress, Long> all = new HashMap<>();
        for (Path table : TABLES) {
            try (BufferedReader lines = Files.newBufferedReader(table,
                    StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Matcher fields = entry.matcher(line);
                    if (fields.matches()) {
                        all.put(address(fields.group(1)), Long.parseLong(fields.group(2), 16));
                    }
                }
            } catch (IOException e) {
                // Not Linux, or the file is hidden: then time alone decides.
                continue;
            }
        }
        return all;
    }

    /** Reads {@code 0100007F:1F90}: words in the byte order of the machine, then the port. */
    static InetSocketAddress address(String hex) throws IOException {
        int colon = hex.indexOf(':');
        ByteBuffer bytes = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
        for (int at = 0; at < colon; at += WORD_DIGITS) {
            bytes.putInt(Integer.parseUnsignedInt(hex, at, at + WORD_DIGITS, 16));
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes.array()),
                Integer.parseInt(hex.substring(colon + 1), 16));
    }
}
