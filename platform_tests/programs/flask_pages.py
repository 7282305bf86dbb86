# /// script
# dependencies = ["flask", "bootstrap-flask", "flask-wtf", "flask-sqlalchemy"]
# ///
"""Templates and static files of an application's own and of extensions; a database; the command line."""

import os

os.mkdir("templates")
with open("templates/form.html", "w") as stream:
    stream.write(
        "{% from 'bootstrap5/form.html' import render_form %}{{ bootstrap.load_css() }}{{ render_form(form) }}"
    )

import flask
from flask_bootstrap import Bootstrap5
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

app = flask.Flask("pages", root_path=os.getcwd(), instance_path=os.getcwd())
app.config.update(SECRET_KEY="s", BOOTSTRAP_SERVE_LOCAL=True, SQLALCHEMY_DATABASE_URI="sqlite:///tea.db")
Bootstrap5(app)
db = SQLAlchemy(app)


class Tea(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)


class Form(FlaskForm):
    name = StringField("Name", [Length(max=5)])


@app.route("/", methods=["GET", "POST"])
def index():
    form = Form(meta={"csrf": False})
    if form.validate_on_submit():
        db.session.add(Tea(name=form.name.data))
        db.session.commit()
        return flask.jsonify([tea.name for tea in db.session.scalars(db.select(Tea))])
    return flask.render_template("form.html", form=form)


with app.app_context():
    db.create_all()
client = app.test_client()
print(client.get("/").text)
print(client.post("/", data={"name": "green"}).json, "invalid" in client.post("/", data={"name": "too long"}).text)
style = client.get("/bootstrap/static/css/bootstrap.min.css")
print(style.status_code, style.mimetype, len(style.data) > 100_000)
print(client.get("/bootstrap/static/css/bootstrap.min.css", headers={"Range": "bytes=0-9"}).data)
print(app.test_cli_runner().invoke(args=["routes"]).output)
