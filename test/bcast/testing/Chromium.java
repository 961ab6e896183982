package bcast.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A real browser without a window, driven by the Chrome DevTools protocol. */
public final class Chromium implements AutoCloseable {

    private static final List<String> NAMES = List.of("chromium", "chromium-browser",
            "google-chrome", "google-chrome-stable");
    private static final String LISTENING = "DevTools listening on ws://";
    private static final int ANSWER_S = 20;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path profile;
    private final Process process;
    private final CompletableFuture<String> address = new CompletableFuture<>();

    /** The browser's program, if there is one. */
    public static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable).findFirst();
    }

    /** Starts a browser with some flags of its own. */
    public Chromium(String... flags) throws Exception {
        profile = Files.createTempDirectory("bcast-chromium");
        List<String> command = new ArrayList<>(List.of(program().orElseThrow().toString(),
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-sync",
                "--remote-debugging-port=0", "--user-data-dir=" + profile));
        command.addAll(Arrays.asList(flags));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread reader = new Thread(this::read, "chromium's output");
        reader.setDaemon(true);
        reader.start();
        address.get(ANSWER_S, TimeUnit.SECONDS);
    }

    private void read() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith(LISTENING)) {
                    address.complete(line.substring(LISTENING.length()).split("/")[0]);
                }
            }
        } catch (IOException e) {
            address.completeExceptionally(e);
        }
    }

    /** Opens a tab. */
    public Tab open(String url) throws Exception {
        HttpResponse<String> made = http.send(HttpRequest.newBuilder(
                URI.create("http://" + address.get() + "/json/new?about:blank"))
                .method("PUT", HttpRequest.BodyPublishers.noBody()).build(),
                HttpResponse.BodyHandlers.ofString());
        Map<?, ?> target = (Map<?, ?>) Json.parse(made.body());
        Tab tab = new Tab((String) target.get("webSocketDebuggerUrl"));
        for (String domain : List.of("Page", "Runtime", "Log")) {
            tab.call(domain + ".enable", "");
        }
        tab.call("Page.navigate", "\"url\":\"" + url + "\"");
        return tab;
    }

    /** One page in the browser. */
    public final class Tab implements WebSocket.Listener {
        private final WebSocket socket;
        private final AtomicInteger ids = new AtomicInteger();
        private final Map<Integer, CompletableFuture<Map<?, ?>>> waiting =
                new ConcurrentHashMap<>();
        private final StringBuilder text = new StringBuilder();
        /** Errors of the page's script, and what the console says of faults. */
        public final List<String> errors = new CopyOnWriteArrayList<>();

        private Tab(String url) {
            socket = http.newWebSocketBuilder().buildAsync(URI.create(url), this).join();
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                heard((Map<?, ?>) Json.parse(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        private void heard(Map<?, ?> message) {
            if (message.get("id") instanceof Double id) {
                waiting.remove(id.intValue()).complete(message);
                return;
            }
            String params = String.valueOf(message.get("params"));
            boolean error = "Runtime.exceptionThrown".equals(message.get("method"))
                    || "Log.entryAdded".equals(message.get("method"))
                    && params.contains("level=error")
                    || "Runtime.consoleAPICalled".equals(message.get("method"))
                    && params.contains("type=error");
            if (error) {
                errors.add(params);
            }
        }

        /** Calls a method of the protocol with the members of its parameters. */
        public Map<?, ?> call(String method, String params) throws Exception {
            int id = ids.incrementAndGet();
            CompletableFuture<Map<?, ?>> answer = new CompletableFuture<>();
            waiting.put(id, answer);
            socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{"
                    + params + "}}", true).join();
            Map<?, ?> message = answer.get(ANSWER_S, TimeUnit.SECONDS);
            if (message.get("error") != null) {
                throw new AssertionError(method + ": " + message.get("error"));
            }
            return (Map<?, ?>) message.get("result");
        }

        /** Evaluates an expression in the page, promises awaited. */
        public Object eval(String expression) throws Exception {
            Map<?, ?> answer = call("Runtime.evaluate", "\"awaitPromise\":true,"
                    + "\"returnByValue\":true,\"expression\":" + quote(expression));
            if (answer.get("exceptionDetails") != null) {
                throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
            }
            return ((Map<?, ?>) answer.get("result")).get("value");
        }

        /** Types a text into what has the focus. */
        public void type(String what) throws Exception {
            call("Input.insertText", "\"text\":" + quote(what));
        }

        /** Presses and releases a key that has no text, or Enter. */
        public void press(String key) throws Exception {
            String params = "\"key\":\"" + key + "\",\"code\":\"" + key + "\""
                    + (key.equals("Enter") ? ",\"text\":\"\\r\",\"windowsVirtualKeyCode\":13" : "")
                    + (key.equals("Tab") ? ",\"windowsVirtualKeyCode\":9" : "");
            call("Input.dispatchKeyEvent", "\"type\":\"keyDown\"," + params);
            call("Input.dispatchKeyEvent", "\"type\":\"keyUp\"," + params);
        }

        /** Sets the window's size in CSS pixels. */
        public void size(int width, int height) throws Exception {
            call("Emulation.setDeviceMetricsOverride", "\"width\":" + width + ",\"height\":"
                    + height + ",\"deviceScaleFactor\":1,\"mobile\":false");
        }

        /** Makes a picture of the page. */
        public void picture(Path file) throws Exception {
            Files.write(file, Base64.getDecoder().decode((String) call("Page.captureScreenshot",
                    "\"captureBeyondViewport\":false").get("data")));
        }
    }

    private static String quote(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            json.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c)
                    : String.valueOf(c));
        }
        return json.append('"').toString();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().completeOnTimeout(process, 5, TimeUnit.SECONDS).join();
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException stillWriting) {
            // Chromium's helpers may write a moment longer; the system clears its folder.
            profile.toFile().deleteOnExit();
        }
    }
}
