package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * From the start of the process to the first 200, as jar and as image, against a server of the JDK
 * in the same packaging, and against a program that prints a line.
 */
final class Start implements Part {

    private static final int COUNT = 9;
    private static final int WARM_UPS = 2;
    private static final long GIVE_UP_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long TRY_NS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final Path FOLDER = Path.of("build", "tmp", "bench", "start");
    private static final String BARE = """
            package bare;

            import com.sun.net.httpserver.HttpServer;
            import java.net.InetSocketAddress;

            public final class Main {
                public static void main(String[] args) throws Exception {
                    System.out.println("started");
                    if (args.length == 0) {
                        return;
                    }
                    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1",
                            Integer.parseInt(args[0])), 0);
                    server.createContext("/", exchange -> {
                        byte[] body = "ok".getBytes();
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
                    server.start();
                }
            }
            """;

    @Override
    public String warmUp() {
        return WARM_UPS + " starts of each, so that its files are in memory";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        Path bare = bareJar(jdk);
        Path images = FOLDER.resolve(jdk.version());
        Path ourImage = make(jdk, "image", images.resolve("bcast"));
        Path bareImage = make(jdk, "floor-image", images.resolve("bare"));
        compare(figures, "jar", List.of(jdk.tool("java"), "-jar", "build/bcast.jar"),
                List.of(jdk.tool("java"), "-jar", bare.toString()));
        compare(figures, "image", List.of(ourImage.resolve("bin/bcast").toString()),
                List.of(bareImage.resolve("bin/bare").toString()));
    }

    private static void compare(Figures figures, String how, List<String> ours, List<String> floor)
            throws Exception {
        Pairs.of(WARM_UPS, () -> first200(ours, true), () -> first200(floor, false));
        Pairs pairs = Pairs.of(COUNT, () -> first200(ours, true), () -> first200(floor, false));
        figures.ratio("start of the " + how + " to the first 200", "ms", pairs.ours, pairs.floor,
                Target.atMost(1.5));
        Pairs line = Pairs.of(COUNT, () -> first200(ours, true), () -> printed(floor));
        figures.ratio("start of the " + how + " / a JVM that prints a line", "ms", line.ours,
                line.floor, Target.NONE);
    }

    /** Milliseconds from the start of a process until it answered. */
    private static double first200(List<String> command, boolean node) throws Exception {
        int port = freePort();
        List<String> all = new ArrayList<>(command);
        all.addAll(node ? List.of("-bind=127.0.0.1", "-group=off", "-httpport=" + port)
                : List.of("" + port));
        long beganNs = System.nanoTime();
        Process process = quiet(all).start();
        try {
            while (true) {
                try (Http http = new Http(port)) {
                    http.get("/healthz", Http.Body.IGNORED);
                    return (System.nanoTime() - beganNs) / 1e6;
                } catch (IOException notYet) {
                    if (!process.isAlive() || System.nanoTime() - beganNs > GIVE_UP_NS) {
                        throw new IOException(all + " does not answer", notYet);
                    }
                    LockSupport.parkNanos(TRY_NS);
                }
            }
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /** Milliseconds from the start of a process to its end. */
    private static double printed(List<String> command) throws Exception {
        long beganNs = System.nanoTime();
        Process process = quiet(command).start();
        if (process.waitFor() != 0) {
            throw new IOException(command + " failed");
        }
        return (System.nanoTime() - beganNs) / 1e6;
    }

    private static ProcessBuilder quiet(List<String> command) {
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A jar of a module, as ours is one. */
    private static Path bareJar(Jdk jdk) throws Exception {
        Path sources = FOLDER.resolve("src");
        Path classes = FOLDER.resolve("classes");
        Files.createDirectories(sources.resolve("bare"));
        Files.createDirectories(classes);
        Files.writeString(sources.resolve("bare/Main.java"), BARE, StandardCharsets.UTF_8);
        Files.writeString(sources.resolve("module-info.java"),
                "module bare { requires jdk.httpserver; }", StandardCharsets.UTF_8);
        run(jdk.tool("javac"), "--release", "17", "-g", "-d", classes.toString(),
                sources.resolve("bare/Main.java").toString(),
                sources.resolve("module-info.java").toString());
        Path jar = FOLDER.resolve("bare.jar");
        run(jdk.tool("jar"), "--create", "--file", jar.toString(), "--main-class", "bare.Main",
                "-C", classes.toString(), ".");
        return jar;
    }

    /** Makes an image by the rule that users' images are made by. */
    private static Path make(Jdk jdk, String target, Path image) throws Exception {
        run("make", "-s", target, "IMAGE=" + image, "JAVA_HOME=" + jdk.home(),
                "--old-file=build/bcast.jar");
        return image;
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said
                    + " in " + new File(".").getAbsolutePath());
        }
    }
}
