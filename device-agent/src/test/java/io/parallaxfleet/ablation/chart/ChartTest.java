package io.parallaxfleet.ablation.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class ChartTest {
    private static Document parsed(String svg) throws IOException, SAXException, ParserConfigurationException {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document svg) {
        List<String> texts = new ArrayList<>();
        NodeList nodes = svg.getElementsByTagName("text");
        for (int node = 0; node < nodes.getLength(); node++) {
            texts.add(nodes.item(node).getTextContent());
        }
        return texts;
    }

    private static void assertInside(Document svg) {
        double width = Double.parseDouble(svg.getDocumentElement().getAttribute("width"));
        double height = Double.parseDouble(svg.getDocumentElement().getAttribute("height"));
        NodeList bars = svg.getElementsByTagName("rect");
        for (int node = 0; node < bars.getLength(); node++) {
            Element bar = (Element) bars.item(node);
            if (!bar.getAttribute("width").endsWith("%")) {
                assertTrue(Double.parseDouble(bar.getAttribute("x")) + Double.parseDouble(bar.getAttribute("width")) <= width);
                assertTrue(Double.parseDouble(bar.getAttribute("y")) + Double.parseDouble(bar.getAttribute("height")) <= height);
            }
        }
    }

    private static BarChart bars(double... values) {
        List<OptionalDouble> of = new ArrayList<>();
        List<String> series = new ArrayList<>();
        for (double value : values) {
            of.add(Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value));
            series.add("series " + series.size());
        }
        return new BarChart("A <title> & more", List.of("note"), "x plain", series, List.of(new BarChart.Group("model", "1 = 2 ms", of)));
    }

    @Test
    @DisplayName("bars are well-formed, lie on the page and carry title, axis, legend and figures")
    void barsSayWhatTheyAre() throws Exception {
        Document svg = parsed(bars(0.9, 1.2, 40).svg());

        assertInside(svg);
        assertTrue(texts(svg).containsAll(
                List.of("A <title> & more", "note", "x plain", "series 0", "series 2", "model", "1 = 2 ms", "0.90", "1.20", "40.00, cut")));
    }

    @Test
    @DisplayName("what was not measured has no bar")
    void noBarForNothing() throws Exception {
        int withAll = parsed(bars(0.9, 1.2, 1.1).svg()).getElementsByTagName("rect").getLength();

        assertEquals(withAll - 1, parsed(bars(0.9, Double.NaN, 1.1).svg()).getElementsByTagName("rect").getLength());
    }

    @Test
    @DisplayName("a group with too few bars is refused by name")
    void everySeriesHasItsPlace() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new BarChart("t", List.of(), "x", List.of("a", "b"),
                List.of(new BarChart.Group("model", "", List.of(OptionalDouble.of(1)))))).getMessage().contains("'model' has 1 bars for 2"));
    }

    @Test
    @DisplayName("lines are well-formed and named where they end, also with one point each")
    void linesSayWhatTheyAre() throws Exception {
        for (Map<Integer, Double> points : List.of(Map.of(1, 40.0), Map.of(1, 40.0, 2, 22.0, 4, 0.5))) {
            LineChart chart = new LineChart("Latency", List.of(), "threads", "ms",
                    List.of(new LineChart.Line("engine", 0, false, new TreeMap<>(points)),
                            new LineChart.Line("plain", 0, true, new TreeMap<>(Map.of(1, 40.1)))));
            Document svg = parsed(chart.svg());

            assertTrue(texts(svg).containsAll(List.of("Latency", "threads", "ms", "engine", "plain", "1")));
            assertEquals(points.size() + 1, svg.getElementsByTagName("circle").getLength());
            assertTrue(!chart.svg().contains("NaN") && !chart.svg().contains("Infinity"));
        }
    }

    @Test
    @DisplayName("a line that a logarithmic axis cannot hold is refused by name")
    void onlyAboveZero() {
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> new LineChart.Line("engine", 0, false, new TreeMap<>(Map.of(1, 0.0)))).getMessage().contains("'engine'"));
    }

    @Test
    @DisplayName("a chart looks the same each time, and has colours for light and dark pages")
    void bothPages() {
        assertEquals(bars(1, 2).svg(), bars(1, 2).svg());
        assertTrue(bars(1).svg().contains("prefers-color-scheme: dark"));
    }
}
