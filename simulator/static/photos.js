// Pictures to send, drawn here: no photo of a real place is shipped.

const WIDTH = 480;
const HEIGHT = 360;

export const SCENES = {
  楼道灯不亮: (pen) => {
    fill(pen, ["#1d2430", "#0c1017"]);
    box(pen, "#2b3443", 60, 40, 120, 320);
    for (let step = 0; step < 7; step += 1) box(pen, `rgb(${60 - step * 4},${66 - step * 4},${78 - step * 4})`, 200 + step * 28, 330 - step * 30, 300, 14);
    circle(pen, "#59606c", 330, 46, 20);
  },
  井盖不见了: (pen) => {
    fill(pen, ["#8b9096", "#6d7278"]);
    for (let y = 0; y < HEIGHT; y += 40) box(pen, "rgba(0,0,0,.08)", 0, y, WIDTH, 2);
    circle(pen, "#54585d", 240, 200, 96);
    circle(pen, "#0d0f11", 240, 200, 80);
    box(pen, "#e8b931", 60, 60, 90, 16);
  },
  垃圾没人清: (pen) => {
    fill(pen, ["#cfd9d2", "#a7b5aa"]);
    box(pen, "#3f7d54", 300, 120, 120, 180);
    box(pen, "#2f6242", 288, 104, 144, 22);
    [[120, 260, 62], [200, 280, 52], [80, 290, 44], [250, 296, 34]].forEach(([x, y, size], index) => circle(pen, ["#32363b", "#4b5158", "#2a5a8c", "#8a4a3a"][index], x, y, size));
  },
};

export function drawScene(name) {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  SCENES[name](canvas.getContext("2d"));
  return canvas;
}

function fill(pen, [top, bottom]) {
  const shade = pen.createLinearGradient(0, 0, 0, HEIGHT);
  shade.addColorStop(0, top);
  shade.addColorStop(1, bottom);
  box(pen, shade, 0, 0, WIDTH, HEIGHT);
}

function box(pen, colour, x, y, width, height) {
  pen.fillStyle = colour;
  pen.fillRect(x, y, width, height);
}

function circle(pen, colour, x, y, radius) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, Math.PI * 2);
  pen.fill();
}
