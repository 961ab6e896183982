package bcast.bench.speed;

import bcast.testing.News;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Posts as fast as answers come, by wrk, which costs less than any generator in Java. */
final class Wrk {

    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ([\\d.]+)(m?s)");
    private static final String RAW = "0123456789".repeat(10);

    private final Path script = Path.of("build", "tmp", "bench", "post.lua");
    private final int connections;
    private long requests;

    Wrk(int connections) throws IOException {
        this.connections = connections;
        Files.createDirectories(script.getParent());
        Files.writeString(script, """
                local path, series, n = "", "", 0
                function init(args) path = args[1]; series = args[2] end
                function request()
                  n = n + 1
                  return wrk.format("POST", path, nil, string.format(
                    '{"id":"%s-0000-4000-8000-%012x","raw":"RAW","signature":"MD5"}',
                    series, n))
                end
                """.replace("RAW", RAW).replace("MD5", News.md5(RAW)), StandardCharsets.UTF_8);
    }

    /** Fails if wrk is not there. */
    static void check() throws IOException {
        try {
            new ProcessBuilder("wrk").redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            throw new IOException("posts come from wrk: install it (Debian: apt-get install wrk)",
                    e);
        }
    }

    /** Requests that were answered so far. */
    long requests() {
        return requests;
    }

    /** Posts new records for some seconds. Returns how many a second were answered with 200. */
    double post(int port, String path, int seconds) throws Exception {
        String series = String.format("%08x", ThreadLocalRandom.current().nextLong(1L << 32));
        Process wrk = new ProcessBuilder("wrk", "-t1", "-c" + connections, "-d" + seconds + "s",
                "-s", script.toString(), "http://127.0.0.1:" + port, "--", path, series)
                .redirectErrorStream(true).start();
        String said = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher done = REQUESTS.matcher(said);
        if (wrk.waitFor() != 0 || !done.find() || said.contains("Non-2xx")
                || said.contains("Socket errors")) {
            throw new IOException("wrk did not run as it should: " + said);
        }
        long answered = Long.parseLong(done.group(1));
        requests += answered;
        return answered / (Double.parseDouble(done.group(2)) / (done.group(3).equals("ms")
                ? 1_000 : 1));
    }
}
