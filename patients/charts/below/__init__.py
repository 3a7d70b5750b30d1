"""What stands under the chart on its margins: the strip of grades and the overview of all draws."""
