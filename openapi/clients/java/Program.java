import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.JSON;
import org.openapitools.client.api.TracksApi;
import org.openapitools.client.auth.ApiKeyAuth;
import org.openapitools.client.model.Acknowledgement;
import org.openapitools.client.model.InvalidParameterEnvelope;
import org.openapitools.client.model.NotCreatorEnvelope;
import org.openapitools.client.model.OrganizationNotFoundEnvelope;
import org.openapitools.client.model.Track;
import org.openapitools.client.model.TrackNotFoundEnvelope;
import org.openapitools.client.model.TrackPage;
import org.openapitools.client.model.UnauthenticatedCode;
import org.openapitools.client.model.UnauthenticatedEnvelope;

/**
 * Uses the client that openapi-generator makes for Java. An ApiException has the body as text, which the generated models
 * read.
 */
public final class Program {
    interface Call {
        void run() throws ApiException;
    }

    static <T> T refused(Call call, int status, Class<T> type) throws Exception {
        try {
            call.run();
        } catch (ApiException e) {
            expect(e.getCode() == status, "status " + status, e);
            return JSON.deserialize(e.getResponseBody(), type);
        }
        throw new IllegalStateException("not refused: " + status);
    }

    static void expect(boolean fact, String what, Object got) {
        if (!fact) {
            throw new IllegalStateException(what + ": got " + got);
        }
    }

    static TracksApi as(String key) {
        ApiClient client = new ApiClient().setBasePath(System.getenv("MTRACK_URL"));
        ((ApiKeyAuth) client.getAuthentication("ApiKey")).setApiKey(key);
        return new TracksApi(client);
    }

    public static void main(String[] arguments) throws Exception {
        String organization = System.getenv("ORGANIZATION");
        String track = System.getenv("TRACK");
        TracksApi creator = as(System.getenv("CREATOR_KEY"));
        TracksApi saver = as(System.getenv("SAVER_KEY"));

        TrackPage page = creator.listSavedTracks(organization, null, null, null, null, null);
        expect(page.getItems().get(0).getId().equals(track) && page.getItems().get(0).getPlaybackUrl() == null, "list", page);
        Track got = creator.getTrack(organization, track);
        expect(got.getPlaybackUrl() != null, "get", got);

        UnauthenticatedEnvelope unauthenticated =
            refused(() -> as("wrong").deleteTrack(organization, track), 401, UnauthenticatedEnvelope.class);
        expect(unauthenticated.getError().getCode() == UnauthenticatedCode.AUTHENTICATION_REQUIRED, "401", unauthenticated);
        NotCreatorEnvelope notCreator = refused(() -> saver.deleteTrack(organization, track), 403, NotCreatorEnvelope.class);
        expect(notCreator.getError().getDetails().getTrackId().equals(track), "403", notCreator);
        TrackNotFoundEnvelope notFound =
            refused(() -> creator.deleteTrack(organization, "mtrack_none"), 404, TrackNotFoundEnvelope.class);
        expect(notFound.getError().getDetails().getTrackId().equals("mtrack_none"), "404", notFound);
        OrganizationNotFoundEnvelope stranger = refused(
            () -> creator.listSavedTracks("org_none", null, null, null, null, null), 404, OrganizationNotFoundEnvelope.class);
        expect(stranger.getError().getStatus().getValue() == 404, "404 of the list", stranger);
        InvalidParameterEnvelope invalid = refused(
            () -> creator.listSavedTracks(organization, null, null, null, 0, null), 422, InvalidParameterEnvelope.class);
        expect("limit".equals(invalid.getError().getDetails().getParameter()), "422", invalid);

        Acknowledgement done = creator.deleteTrack(organization, track);
        expect(done.getId().equals(track), "delete", done);
        System.out.println("UnauthenticatedEnvelope, NotCreatorEnvelope, TrackNotFoundEnvelope, "
            + "OrganizationNotFoundEnvelope, InvalidParameterEnvelope");
        System.exit(0); // okhttp's threads would keep it running
    }
}
