package bcast.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** A real nginx on loopback, in a process of its own, with its files in a temporary folder. */
public final class Nginx implements AutoCloseable {

    private static final List<Path> BINARIES =
            List.of(Path.of("/usr/sbin/nginx"), Path.of("/usr/local/sbin/nginx"));
    private static final int ATTEMPTS = 5;
    private static final double START_SECONDS = 10;
    private static final String[] TEMP_PATHS = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};

    private final Process process;
    private final Path folder;
    private final int port;

    private Nginx(Process process, Path folder, int port) {
        this.process = process;
        this.folder = folder;
        this.port = port;
    }

    /**
     * Starts nginx; skips the test where it is not installed.
     *
     * @param http makes the inside of the {@code http} block for a free port of 127.0.0.1, on which
     *     one of its servers has to listen
     */
    public static Nginx start(IntFunction<String> http) throws Exception {
        Path binary = BINARIES.stream().filter(Files::isExecutable).findFirst().orElse(null);
        assumeTrue(binary != null, "needs nginx (Debian: apt-get install nginx-light)");
        for (int attempt = 1; true; attempt++) {
            Nginx nginx = launch(binary, http);
            try {
                Await.until(nginx::log, START_SECONDS,
                        () -> !nginx.process.isAlive() || nginx.answers());
            } catch (Throwable e) {
                nginx.close();
                throw e;
            }
            if (nginx.process.isAlive()) {
                return nginx;
            }
            String log = nginx.log();
            nginx.close();
            // Another process may have taken the port in between.
            if (attempt == ATTEMPTS || !log.contains("Address already in use")) {
                throw new AssertionError("nginx did not start: " + log);
            }
        }
    }

    private static Nginx launch(Path binary, IntFunction<String> http) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path folder = Files.createTempDirectory("nginx");
        // One process, so that ending it ends all, and no other user has to see the folder.
        StringBuilder config = new StringBuilder("master_process off;\npid pid;\n"
                + "error_log log;\nevents { worker_connections 4096; }\nhttp {\naccess_log off;\n");
        for (String each : TEMP_PATHS) {
            config.append(each).append("_temp_path ").append(each).append(";\n");
        }
        Files.writeString(folder.resolve("nginx.conf"),
                config.append(http.apply(port)).append("}\n"));
        Process process = new ProcessBuilder(binary.toString(), "-p", folder + File.separator,
                "-c", "nginx.conf", "-e", "log", "-g", "daemon off;")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile()).start();
        return new Nginx(process, folder, port);
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The port that clients use. */
    public int port() {
        return port;
    }

    public Client client() {
        return new Client("http://127.0.0.1:" + port);
    }

    /** What nginx printed and logged so far. */
    public String log() {
        StringBuilder all = new StringBuilder();
        for (String file : List.of("output", "log")) {
            try {
                all.append(Files.readString(folder.resolve(file)));
            } catch (IOException e) {
                all.append("(no ").append(file).append(")");
            }
        }
        return all.toString();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
