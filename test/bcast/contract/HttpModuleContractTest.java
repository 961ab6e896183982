package bcast.contract;

import bcast.http.Frontend;
import bcast.http.HttpModule;
import bcast.http.Networks;
import bcast.testing.Client;
import bcast.testing.NoCluster;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The default front end. */
final class HttpModuleContractTest extends FrontendContract {

    @Override
    protected Frontend newFrontend(Given given) throws Exception {
        return new HttpModule(new HttpModule.Settings(given.address(), 64, 1_000, 64 << 20,
                Set.of(), Optional.empty(), Networks.of(List.of()), false, Optional::empty,
                Optional.empty(), new HttpModule.Identity("0", "test", "md5")), given.core(),
                given.storage(), new NoCluster(), given.context());
    }

    private static Client client(InetSocketAddress address) {
        return new Client("http://127.0.0.1:" + address.getPort());
    }

    @Override
    protected boolean post(InetSocketAddress address, String id, String raw, String signature)
            throws Exception {
        HttpResponse<String> answer = client(address).send("POST", "/postNewData", "{\"id\":\""
                + id + "\",\"raw\":\"" + raw + "\",\"signature\":\"" + signature + "\"}");
        return answer.statusCode() == 200;
    }

    @Override
    protected List<String> list(InetSocketAddress address) throws Exception {
        return client(address).send("GET", "/listAllRecentData", null, "Accept",
                "application/x-ndjson").body().lines().toList();
    }
}
