from django.contrib.staticfiles import finders


def test_the_chart_library_is_served_from_the_installed_package():
    assert finders.find("plotly/plotly.min.js").endswith("package_data/plotly.min.js")


def test_nothing_else_of_that_package_is_served():
    assert finders.find("plotly/widgetbundle.js") is None


def test_both_styles_of_the_chart_library_are_allowed_and_nothing_inline(client, db):
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert policy.count("'sha256-") == 2
    assert "unsafe" not in policy
