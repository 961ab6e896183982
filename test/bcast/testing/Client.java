package bcast.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client of one node. */
public final class Client {

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();

    private static final String OK = "{\"result\":true,\"msg\":\"ok\"}";
    private static final String EXISTS =
            "{\"result\":false,\"msg\":\"Data exists\",\"code\":\"exists\"}";

    private final String url;

    public Client(String url) {
        this.url = url;
    }

    /** Sends a request and waits for the answer. */
    public HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Posts a record; returns the answer's body. */
    public String post(String id, String raw) throws IOException, InterruptedException {
        return send("POST", "/postNewData", News.json(id, raw)).body();
    }

    /** Posts a record that must be accepted. */
    public void mustPost(String id, String raw) throws IOException, InterruptedException {
        String answer;
        try {
            answer = post(id, raw);
        } catch (IOException e) {
            if (!closedItself(e)) {
                throw e;
            }
            answer = post(id, raw).replace(EXISTS, OK);
        }
        if (!answer.equals(OK)) {
            throw new AssertionError(answer);
        }
    }

    /**
     * Whether Java's client closed a connection that it had just begun to use again: on a busy
     * machine it takes a fast answer for bytes that come while the connection is idle.
     */
    private static boolean closedItself(IOException e) {
        return e.getCause() != null && e.getCause().getCause() != null
                && "connection closed locally".equals(e.getCause().getCause().getMessage());
    }

    /** The list of all records. */
    public String list() throws IOException, InterruptedException {
        return send("GET", "/listAllRecentData", null).body();
    }

    /** How many records are listed. */
    public int count() throws IOException, InterruptedException {
        Matcher ids = Pattern.compile("\\{\"id\":").matcher(list());
        int count = 0;
        while (ids.find()) {
            count++;
        }
        return count;
    }

    /** Whether the node is ready; false if it does not answer at all. */
    public boolean ready() throws InterruptedException {
        try {
            return send("GET", "/readyz", null).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
