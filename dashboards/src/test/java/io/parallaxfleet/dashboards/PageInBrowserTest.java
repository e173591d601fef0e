package io.parallaxfleet.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.dashboards.fixture.Browser;
import io.parallaxfleet.dashboards.fixture.Records;
import io.parallaxfleet.dashboards.fixture.ScriptedFleet;
import io.parallaxfleet.dashboards.source.FleetSource;
import io.parallaxfleet.dashboards.view.FleetView;
import io.parallaxfleet.dashboards.view.SourceStatus;
import io.parallaxfleet.schemas.topics.Topic;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page as people see it: a real server, a real browser, records without Kafka. */
final class PageInBrowserTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final DashboardOptions OPTIONS =
            DashboardOptions.local("localhost:9092", URI.create("http://localhost:8081"), 0);

    private static Browser browser;
    private final ScriptedFleet fleet = new ScriptedFleet(Clock.systemUTC());
    private DashboardServer server;

    /** A source that is up and has nothing to tell. */
    private static final class Silence implements FleetSource {
        @Override
        public void start(FleetView view) {
            view.sourceStatus(new SourceStatus(SourceStatus.State.LIVE, "reading from localhost:9092", Instant.now(), List.of()));
        }

        @Override
        public void close() {}
    }

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void desktop() {
        browser.viewport(1440, 900);
        browser.colorScheme("light");
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void showsTheStoryOfTheFleetOnADesktop() {
        open(fleet);
        await("document.querySelectorAll('.card').length === 3");

        assertEquals("MEASURED", text(card("m:" + ScriptedFleet.MEASURED) + " .badge"));
        assertEquals("SIMULATED", text(card("s:" + ScriptedFleet.FAST) + " .badge"));
        assertEquals(1, count("#group-measured .card"));
        assertEquals(2, count("#group-simulated .card"));
        assertTrue(text("#policies tbody tr").contains("never delegate"), text("#policies tbody tr"));
        assertTrue(text("#policies tbody tr").contains("2 applied"), text("#policies tbody tr"));
        assertTrue(text("#policies tbody tr").contains("n 2,160 → 2,088"), text("#policies tbody tr"));
        assertTrue(text("#effect").contains("distilbert"), text("#effect"));
        await("document.querySelectorAll('#branches tbody tr').length === 12");
        assertTrue(text("#problem-table").contains("a latency cannot be negative"));
        assertTrue(text("#energy-hint").contains("cpu-time-model"));
        assertNothingOverflows();
        assertNoConsoleErrors();
        browser.screenshot("desktop-light");
        browser.fullScreenshot("desktop-light-full", 1440, 900);
        browser.colorScheme("dark");
        settle();
        browser.screenshot("desktop-dark");
    }

    @Test
    void showsOneModelWithItsQuantilesWhenItIsChosen() {
        open(fleet);
        await("document.querySelectorAll('#models button').length === 5");
        click("#models button[data-model='distilbert']");
        await("document.getElementById('latency').getAttribute('aria-label').includes('p99')");
        settle();
        assertTrue(browser.driver().getCurrentUrl().contains("model=distilbert"));
        browser.screenshot("desktop-model");
    }

    @Test
    void showsWhereAStagedRolloutStandsWhatWasMeasuredAndWhoHoldsIt() {
        open(fleet);
        await("document.querySelectorAll('.card').length === 3");
        assertTrue(text(card("s:" + ScriptedFleet.PHONE)).contains("Rollout on 5 % of devices"), text(card("s:" + ScriptedFleet.PHONE)));
        click(card("s:" + ScriptedFleet.PHONE));
        await("document.getElementById('detail-title').textContent.includes('p30')");
        assertEquals("5 %", text("#rollout-head .track .here"));
        assertEquals("paused", text("#rollout-head .tag-held"));
        assertTrue(text("#rollout-head").contains("9 members (8 needed), control 97"), text("#rollout-head"));
        assertEquals(2, count("#rollout tr.asked"));
        assertTrue(text("#rollout tr.asked:nth-child(2)").contains("ada"), text("#rollout"));
        assertTrue(text("#rollout").contains("battery reports look odd"), text("#rollout"));
        assertTrue(text("#policies tbody tr").contains("trial"), text("#policies tbody tr"));
        assertNothingOverflows();
        assertNoConsoleErrors();
        browser.fullScreenshot("desktop-rollout", 1440, 900);
    }

    @Test
    void saysWhyAStageIsNotQuiteAllDevicesAndWhoFrozeTheFleet() {
        open(fleet);
        await("document.querySelectorAll('.card').length === 3");
        fleet.reachHoldoutAndFreeze();
        await("!document.getElementById('banner').hidden");
        assertTrue(text("#banner").startsWith("3 of 3 classes frozen"), text("#banner"));
        assertTrue(text("#banner").contains("by ada at") && text("#banner").contains("odd batteries"), text("#banner"));
        click(card("s:" + ScriptedFleet.PHONE));
        await("document.getElementById('detail-title').textContent.includes('p30')");
        assertEquals("all but 2 % held out", text("#rollout-head .track .here"));
        assertTrue(text("#rollout-head").contains("on 98 % of devices, 2 % held out to compare with"), text("#rollout-head"));
        assertNothingOverflows();
        assertNoConsoleErrors();
        browser.fullScreenshot("desktop-frozen", 1440, 900);
    }

    @Test
    void saysThatEnergyIsUnavailableAndNeverShowsItAsZero() {
        open(fleet);
        await("document.querySelectorAll('.card').length === 3");
        click(card("s:" + ScriptedFleet.PHONE));
        await("document.getElementById('detail-title').textContent.includes('p30')");
        assertEquals("Unavailable: these devices have no energy meter.", text("#energy-empty"));
        assertTrue(text("#effect").contains("unavailable"), text("#effect"));
        assertTrue(text("#policies").contains("2 refused"), text("#policies"));
        browser.screenshot("desktop-no-energy");
    }

    @Test
    void fitsAPhoneWithoutSidewaysScrolling() {
        browser.viewport(390, 844);
        open(fleet);
        await("document.querySelectorAll('#branches tbody tr').length === 5");
        assertNothingOverflows();
        browser.screenshot("phone-light");
        browser.fullScreenshot("phone-light-full", 390, 844);
        browser.colorScheme("dark");
        settle();
        browser.fullScreenshot("phone-dark-full", 390, 844);
    }

    @Test
    void showsNewRecordsWithoutAReload() {
        open(fleet);
        await("document.querySelectorAll('.card').length === 3");
        browser.driver().executeScript("window.notReloaded = true");
        Instant now = Instant.now();
        fleet.view().device(Records.device("new-1", "linux-aarch64-mali", false).build(), Records.at("parallax.devices", now));
        fleet.view().thresholds(Records.thresholds(ScriptedFleet.MEASURED, false, 2, now).build(), Records.at("parallax.thresholds", now));
        fleet.tick();
        await("document.querySelectorAll('.card').length === 4");
        await("document.querySelector('#policies tbody tr').textContent.includes('2 ')");
        await("document.querySelectorAll('#policies tbody tr').length === 2");
        assertEquals(Boolean.TRUE, browser.driver().executeScript("return window.notReloaded"));
    }

    @Test
    void explainsAnEmptyFleetAndWhatToStart() {
        open(new Silence());
        await("document.getElementById('connection').dataset.state === 'live'");
        assertTrue(text("#fleet-empty").contains("./parallax agent"));
        assertFalse(browser.driver().findElement(By.id("detail")).isDisplayed());
        assertNothingOverflows();
        browser.screenshot("empty");
        browser.viewport(390, 844);
        assertNothingOverflows();
    }

    @Test
    void saysThatKafkaIsLostAndThatItIsBack() {
        open(fleet);
        await("document.getElementById('connection').dataset.state === 'live'");
        fleet.view().sourceStatus(new SourceStatus(SourceStatus.State.LOST,
                "no Kafka broker answers at localhost:9092; the page goes on by itself when one does", Instant.now(), List.of()));
        await("document.getElementById('connection-text').textContent === 'Kafka lost'");
        assertTrue(text("#banner").contains("localhost:9092"));
        browser.screenshot("kafka-lost");
        fleet.view().sourceStatus(
                new SourceStatus(SourceStatus.State.LIVE, "reading from localhost:9092", Instant.now(), List.of()));
        await("document.getElementById('banner').hidden");
    }

    @Test
    void showsHostileTextAsText() {
        open(fleet);
        await("document.querySelectorAll('.card').length === 3");
        String hostile = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";
        Instant now = Instant.now();
        fleet.view().device(Records.device(hostile, hostile, false).setSoc(hostile).build(), Records.at(Topic.DEVICES.topicName(), now));
        fleet.view().deadLetter(Records.deadLetter(hostile, now));
        await("document.querySelectorAll('.card').length === 4");
        assertTrue(text("#problem-table").contains(hostile));
        assertEquals(0, count("main img"));
        assertEquals(null, browser.driver().executeScript("return window.hacked"));
        assertNothingOverflows();
    }

    @Test
    void saysThatTheServerIsGoneAndComesBackWithIt() {
        open(fleet);
        await("document.getElementById('connection').dataset.state === 'live'");
        int port = server.uri().getPort();
        server.close();
        await("document.getElementById('connection-text').textContent === 'Reconnecting'");
        server = DashboardServer.start(DashboardOptions.local("localhost:9092", URI.create("http://localhost:8081"), port),
                new ScriptedFleet(Clock.systemUTC()), Clock.systemUTC());
        await("document.getElementById('connection').dataset.state === 'live'");
        await("document.querySelectorAll('.card').length === 3");
    }

    private void open(FleetSource source) {
        server = DashboardServer.start(OPTIONS, source, Clock.systemUTC());
        // Reading the log empties it: what an earlier page left there is not this one's.
        browser.driver().manage().logs().get(LogType.BROWSER);
        browser.driver().get(server.uri() + "/");
        await("document.getElementById('connection').dataset.state === 'live'");
    }

    /** Waits until what was changed last has been drawn. */
    private void settle() {
        browser.driver().executeAsyncScript("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))");
    }

    private void await(String condition) {
        new WebDriverWait(browser.driver(), PATIENCE)
                .withMessage(condition)
                .until(driver -> browser.driver().executeScript("return Boolean(" + condition + ")"));
    }

    private void click(String css) {
        browser.driver().findElement(By.cssSelector(css)).click();
    }

    private String text(String css) {
        return browser.driver().findElement(By.cssSelector(css)).getText();
    }

    private int count(String css) {
        List<WebElement> found = browser.driver().findElements(By.cssSelector(css));
        return found.size();
    }

    private static String card(String classId) {
        return ".card[data-class-id='" + classId + "']";
    }

    private void assertNothingOverflows() {
        Object overflow = browser.driver().executeScript(
                "const wide = document.documentElement.clientWidth;"
                        + "return [document.documentElement.scrollWidth - wide, ...[...document.querySelectorAll('main *')]"
                        + ".filter(e => e.getBoundingClientRect().right > wide + 1 && !e.closest('.scroll')).map(e => e.tagName + '.' + e.className)]"
                        + ".join(' ')");
        assertEquals("0", overflow);
    }

    private void assertNoConsoleErrors() {
        List<String> errors = browser.driver().manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                .map(Object::toString)
                .toList();
        assertEquals(List.of(), errors);
    }
}
